-- Whatever may make analytics of somebody who is here stale (functions/stale_members_v1.sql) leaves a check in the same
-- transaction: the digester looks where one is, not at everybody who is here. A check is a row of its own that nobody
-- waits for, and none is left out because one is there already: that one may be gone before this one's cause is seen.
-- Whatever leaves none (a repair past the triggers, a version that was raised by hand) is found within the hour
-- (functions/check_again_v1.sql). SECURITY DEFINER, because the run-time role may not write them itself.
create function leave_analytics_check() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  insert into analytics_checks (project_id) values (coalesce(new.project_id, old.project_id));
  return null;
end
$$;

-- In the order in which everybody locks.
create trigger memberships_checked after update of version on memberships
  for each row when (new.version <> old.version) execute function leave_analytics_check();
create trigger project_counters_checked after update of version on project_counters
  for each row when (new.version <> old.version) execute function leave_analytics_check();
create trigger user_sessions_checked after insert or update of is_active on user_sessions
  for each row when (new.is_active) execute function leave_analytics_check();
-- Taken back: by what was computed at the same time and stored later, or because nobody can trust it.
create trigger session_analytics_checked
  after update of computed_version, computed_member_version on session_analytics
  for each row
  when (new.computed_version < old.computed_version or new.computed_member_version < old.computed_member_version)
  execute function leave_analytics_check();
-- Who has no row is stale too.
create trigger session_analytics_gone_checked after delete on session_analytics
  for each row execute function leave_analytics_check();

-- Rows come and go with every version, and few are there at any time: a share of them is no measure of what is dead.
alter table analytics_checks set (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000
);
