-- What the run-time role may do, beyond the default of the tables that come later (granted to it by
-- default privileges): read and write rows, never change tables.
grant usage on schema public to sessions_runtime;
grant select, insert, update, delete on all tables in schema public to sessions_runtime;
grant usage, select on all sequences in schema public to sessions_runtime;
alter default privileges in schema public
  grant select, insert, update, delete on tables to sessions_runtime;
alter default privileges in schema public grant usage, select on sequences to sessions_runtime;

-- The counters are written by triggers and functions alone.
revoke insert, update, delete on project_counters from sessions_runtime;
-- The ledger is append-only; a project ends through erase_project().
revoke update, delete on activities from sessions_runtime;
revoke delete on projects from sessions_runtime;

do $$
begin
  if exists (select from pg_roles where rolname = 'sessions_backup') then
    grant usage on schema public to sessions_backup;
    grant select on all tables in schema public to sessions_backup;
    grant select on all sequences in schema public to sessions_backup;
    alter default privileges in schema public grant select on tables to sessions_backup;
    alter default privileges in schema public grant select on sequences to sessions_backup;
  end if;
end
$$;

-- Functions belong to whoever migrates, and PUBLIC may have lost the right to run them.
grant execute on all functions in schema public to sessions_runtime;
alter default privileges in schema public grant execute on functions to sessions_runtime;
