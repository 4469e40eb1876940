-- A project is never without its counter row, and never without an owner from its first moment on.
create function project_created() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  insert into project_counters
    (project_id, version, exploring, decided, parked, questions_open, blockers_open)
  values (new.id, 0, 0, 0, 0, 0, 0);
  insert into memberships (id, project_id, user_id, role, version, created_at)
  values (gen_random_uuid(), new.id, new.created_by_id, 'owner', 0, now());
  return null;
end
$$;
create trigger projects_created after insert on projects
  for each row execute function project_created();

-- Never zero owners: two owners who leave at the same moment meet at the counter row's lock, and the
-- second one is refused.
create function project_keeps_an_owner() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  perform from project_counters c where c.project_id = old.project_id for no key update;
  if found and not exists (
    select from memberships m where m.project_id = old.project_id and m.role = 'owner'
  ) then
    raise exception 'a project needs an owner'
      using errcode = 'check_violation', constraint = 'memberships_keep_an_owner';
  end if;
  return null;
end
$$;
create trigger memberships_owner_left after delete on memberships
  for each row when (old.role = 'owner') execute function project_keeps_an_owner();
create trigger memberships_owner_stepped_down after update of role on memberships
  for each row when (old.role = 'owner' and new.role <> 'owner') execute function project_keeps_an_owner();

-- A ledger row carries the version that its own transaction raised: nobody writes into the past, and
-- nobody changes what all members see without raising the version.
create function activity_carries_its_version() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  if exists (
    select from (select distinct project_id, version from added) as a
    join project_counters c on c.project_id = a.project_id
    where a.version <> c.version
      or c.version_transaction is distinct from pg_current_xact_id()::text::bigint
  ) then
    raise exception 'a ledger row must carry the version its transaction raised'
      using errcode = 'check_violation', constraint = 'activities_carry_their_version';
  end if;
  return null;
end
$$;
create trigger activities_version after insert on activities
  referencing new table as added for each statement execute function activity_carries_its_version();
