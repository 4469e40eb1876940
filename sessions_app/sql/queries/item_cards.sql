-- The cards of one page of each wanted column, newest first, in one statement: each column is a short
-- range of the index items_column, so the cost is that of the page, not of the project.
select
  i.id, i.title, left(i.text, 600) as text, i.state, i.reason, i.outcome, i.version, i.state_version,
  i.changed_at, i.state_changed_at, i.wake_at, i.woke_at, i.import_people,
  i.wake_sessions, i.idle_warned_at,
  case when w_item.id is not null then jsonb_build_object('id', w_item.id, 'title', w_item.title) end as wake_item,
  i.contested_at, coalesce(nullif(c.display_name, ''), c.email, '') as contested_by, i.contest_reason,
  i.review_at, i.review_due_at,
  i.citation_quote, i.citation_message_id, i.citation_confidence,
  coalesce(nullif(i.state_by_agent, ''), u.display_name, '') as state_by_name,
  i.state_by_agent <> '' as state_by_is_agent,
  i.state_by_id,
  coalesce(w.waits_for, '[]'::jsonb) as waits_for,
  coalesce(h.holds_up, 0) as holds_up
from unnest(%(states)s::text[]) with ordinality as s (state, place)
cross join lateral (
  select *
  from items c
  where c.project_id = %(project)s and c.state = s.state
    and (%(after_version)s::bigint is null or (c.state_version, c.id) < (%(after_version)s, %(after_id)s::uuid))
  order by c.state_version desc, c.id desc
  limit %(most)s
) as i
-- People each by their key: a page needs a few, a join may read them all.
left join lateral (select p.display_name from users p where p.id = i.state_by_id limit 1) as u on true
left join items w_item on w_item.id = i.wake_item_id
left join lateral (
  select p.display_name, p.email from users p where p.id = i.contested_by_id limit 1
) as c on true
left join lateral (
  select jsonb_agg(jsonb_build_object('id', b.id, 'title', b.title) order by b.changed_at, b.id) as waits_for
  from item_dependencies d
  join items b on b.id = d.blocking_id and b.state <> 'decided'
  where d.waiting_id = i.id
) as w on true
left join lateral (
  select count(*) as holds_up
  from item_dependencies d
  join items x on x.id = d.waiting_id and x.state = 'exploring'
  where d.blocking_id = i.id and i.state = 'exploring'
) as h on true
order by s.place, i.state_version desc, i.id desc
