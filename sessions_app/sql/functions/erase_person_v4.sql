-- As before, and what they said by the doors of coming back: hand-offs, what they contest, what they considered
-- beside a decision, what they said is stuck.
alter function erase_person(uuid) rename to erase_person_v3;

create function erase_person(p_user uuid) returns setof uuid
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  erased_text constant text := '(erased)';
begin
  -- First: it judges who may, and takes the locks in the order of everywhere.
  return query select erase_person_v3(p_user);
  -- A contest has a reason of its own: what they decided is told by the rows of its state.
  update items i set reason = erased_text
  where i.state_by_id = p_user and i.reason <> '' and (
    select a.data ->> 'reason' from activities a
    where a.project_id = i.project_id and a.item_id = i.id and a.data ? 'reason'
      and a.kind not in ('item.contested', 'item.confirmed')
    order by a.id desc limit 1
  ) = erased_text;
  -- What they considered beside what they decided, as if they had not said it.
  update activities a set data = a.data - 'alternatives' where a.actor_id = p_user and a.data ? 'alternatives';
  update items i set alternatives = '{}' where i.state_by_id = p_user and i.alternatives <> '{}';
  -- Their words and nothing else: nothing is left of a note, and of its row in the ledger that it was left.
  delete from hand_offs h where h.user_id = p_user;
  update activities a set data = jsonb_set(a.data, '{text}', to_jsonb(erased_text))
  where a.actor_id = p_user and a.kind = 'hand_off.left';
  update items i set contest_reason = erased_text where i.contested_by_id = p_user and i.contest_reason <> '';
  -- What is asked in their name quotes them.
  update activities a set data = jsonb_set(a.data, '{text}', to_jsonb(erased_text))
  from questions q
  where q.asked_by_id = p_user and a.project_id = q.project_id and a.question_id = q.id;
  update questions q set text = erased_text where q.asked_by_id = p_user;
  -- So do their own words on what is stuck. On whom a blocker waits is no word: whoever left is named no more.
  update activities a set data = jsonb_set(a.data, '{text}', to_jsonb(erased_text))
  from blockers b
  where b.raised_by_id = p_user and a.project_id = b.project_id and a.blocker_id = b.id;
  update blockers b set text = erased_text where b.raised_by_id = p_user;
  delete from decision_looks k
  where not exists (select from memberships m where m.id = k.membership_id);
  update users u set digest = 'off' where u.id = p_user;
end
$$;
