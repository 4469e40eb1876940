-- Take the project's counter row for this transaction and return the version it stands at. Every
-- verb begins with it: verbs of one project run one after the other, so versions are in commit order,
-- and everybody locks in the same order (membership, then project, then rows).
create function lock_project(p_project uuid) returns bigint
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  found_version bigint;
begin
  select c.version into found_version
  from project_counters c
  where c.project_id = p_project and c.project_id = any(array(select my_projects()))
  for no key update;
  if found_version is null then
    raise exception 'project % is not there for whoever acts here', p_project
      using errcode = 'insufficient_privilege';
  end if;
  return found_version;
end
$$;

-- Raise the project's version by one, once per transaction however often it is called, and return
-- it. A counter row instead of a sequence: a sequence's order is not the order of commits, and a
-- rollback leaves a gap.
create function raise_version(p_project uuid) returns bigint
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  this_transaction constant bigint := pg_current_xact_id()::text::bigint;
  new_version bigint;
begin
  perform lock_project(p_project);
  update project_counters c
  set version = c.version + 1, version_transaction = this_transaction
  where c.project_id = p_project and c.version_transaction is distinct from this_transaction
  returning c.version into new_version;
  if new_version is null then
    select c.version into new_version from project_counters c where c.project_id = p_project;
  end if;
  return new_version;
end
$$;
