-- Make a person an anonymous actor: who they were and what they said is gone, what happened stays. The
-- one way a ledger row's words change. Only for the admin. Returns the projects in which their name or
-- words could be read; each one's version is raised, and the caller (services/people.py) records in the
-- same transaction what its pages learn of it by.
create function erase_person(p_user uuid) returns setof uuid
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  erased_name constant text := 'Erased person';
  erased_text constant text := '(erased)';
  erased_email constant text := 'erased-' || p_user || '@erased.invalid';
  moves constant text[] := array['item.decided', 'item.parked', 'item.explored'];
  emails text[];
  joined uuid[];
  touched uuid[];
  project uuid;
  owned_alone text;
begin
  if not acting_admin() then
    raise exception 'only the admin may erase a person' using errcode = 'insufficient_privilege';
  end if;
  if exists (select from users u where u.id = p_user and u.email = erased_email) then
    return;
  end if;

  -- Memberships before projects, projects before rows, as everywhere.
  perform from memberships m where m.user_id = p_user order by m.id for update;
  select coalesce(array_agg(m.project_id), '{}') into joined from memberships m where m.user_id = p_user;
  -- Also projects they left: all that they said there, and what others' rows say of them. The ledger is
  -- read as a whole for that; erasing is rare.
  select coalesce(array_agg(t.project_id order by t.project_id), '{}') into touched
  from (
    select unnest(joined) as project_id
    union select a.project_id from activities a
    where a.actor_id = p_user or a.data -> 'member' ->> 'id' = p_user::text
    union select m.project_id from messages m where m.user_id = p_user
    union select i.project_id from items i where p_user in (i.state_by_id, i.created_by_id)
    union select q.project_id from questions q where q.ended_by_id = p_user
    union select b.project_id from blockers b where b.ended_by_id = p_user
    union select s.project_id from user_sessions s where s.user_id = p_user
  ) as t;
  foreach project in array touched loop
    perform raise_version(project);
  end loop;

  select string_agg(p.title, ', ' order by p.title) into owned_alone
  from memberships m join projects p on p.id = m.project_id
  where m.user_id = p_user and m.role = 'owner' and not exists (
    select from memberships o
    where o.project_id = m.project_id and o.role = 'owner' and o.user_id <> p_user
  );
  if owned_alone is not null then
    raise exception 'this person is the only owner of %: hand over or delete it first', owned_alone
      using errcode = 'check_violation', constraint = 'memberships_keep_an_owner';
  end if;

  -- From here on nobody writes a row in their name; whoever joined a project just now is tried again.
  perform from users u where u.id = p_user for update;
  if not found then
    raise exception 'person % is not there', p_user using errcode = 'no_data_found';
  end if;
  if exists (select from memberships m where m.user_id = p_user and m.project_id <> all(joined)) then
    raise exception 'this person joined a project just now' using errcode = 'serialization_failure';
  end if;

  -- The ledger. A reason is told again where the item woke, or where an import edited it: first those
  -- rows, as long as they can be told by the words.
  update activities a set data = jsonb_set(a.data, '{reason}', to_jsonb(erased_text))
  from activities given
  where given.actor_id = p_user and given.kind = any(moves) and given.data ->> 'reason' <> ''
    and a.project_id = given.project_id and a.item_id = given.item_id and a.id > given.id
    and a.kind in ('item.woke', 'item.edited') and a.data ->> 'reason' = given.data ->> 'reason'
    and not exists (
      select from activities later
      where later.project_id = given.project_id and later.item_id = given.item_id
        and later.id > given.id and later.id < a.id and later.kind = any(moves)
    );
  update activities a set data = jsonb_set(a.data, '{reason}', to_jsonb(erased_text))
  where a.actor_id = p_user and a.data ->> 'reason' <> '';
  update activities a set data = jsonb_set(a.data, '{member,name}', to_jsonb(erased_name))
  where a.project_id = any(touched) and a.data -> 'member' ->> 'id' = p_user::text;

  -- The item says what its last row says: an import may have given another reason since.
  update items i set reason = erased_text
  where i.state_by_id = p_user and i.reason <> '' and coalesce(
    (
      select a.data ->> 'reason' from activities a
      where a.project_id = i.project_id and a.item_id = i.id and a.data ? 'reason'
      order by a.id desc limit 1
    ),
    erased_text
  ) = erased_text;
  update items i set citation_quote = erased_text
  from messages m
  where m.user_id = p_user and i.project_id = m.project_id and i.citation_message_id = m.id
    and i.citation_quote <> '';
  update questions q set answer = erased_text where q.ended_by_id = p_user and q.answer <> '';
  update messages m set text = '', metadata = '{}', deleted_at = coalesce(m.deleted_at, now())
  where m.user_id = p_user;

  -- Others' suggested steps may quote a reason; computed anew when they look next.
  update session_analytics s
  set suggested_next_steps = '[]', hidden_steps = '[]', active_blockers = '[]', computed_version = -1
  where s.project_id = any(touched) and s.user_id <> p_user;
  delete from session_analytics s where s.user_id = p_user;
  update user_sessions s
  set metadata = '{}', is_active = false, session_end = coalesce(s.session_end, s.last_activity)
  where s.user_id = p_user;
  delete from seen_events e where e.actor = p_user::text;
  delete from step_marks k using memberships m where m.id = k.membership_id and m.user_id = p_user;
  delete from memberships m where m.user_id = p_user;

  select array_agg(lower(e.email)) into emails
  from (
    select u.email from users u where u.id = p_user
    union select a.email from account_emailaddress a where a.user_id = p_user
  ) as e;
  update invitations i set revoked_at = now()
  where i.invited_by_id = p_user and i.accepted_at is null and i.revoked_at is null;
  update invitations i set email = '' where lower(i.email) = any(emails) or i.accepted_by_id = p_user;

  delete from account_emailconfirmation c using account_emailaddress a
  where a.id = c.email_address_id and a.user_id = p_user;
  delete from account_emailaddress a where a.user_id = p_user;
  delete from users_user_permissions r where r.user_id = p_user;
  delete from users_groups g where g.user_id = p_user;
  -- The admin's own log calls whom it changed by name.
  update django_admin_log l set object_repr = erased_name where l.object_id = p_user::text;
  -- No password has this hash, and a browser signed in with the old one is signed in no more.
  update users u
  set display_name = erased_name, email = erased_email,
    password = '!' || replace(gen_random_uuid() || '' || gen_random_uuid(), '-', ''),
    is_active = false, is_staff = false, is_superuser = false, hides_agents = false,
    time_zone = 'UTC', last_login = null
  where u.id = p_user;

  return query select unnest(touched);
end
$$;
