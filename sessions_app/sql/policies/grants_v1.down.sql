revoke all on all tables in schema public from sessions_runtime;
revoke all on all sequences in schema public from sessions_runtime;
alter default privileges in schema public revoke all on tables from sessions_runtime;
alter default privileges in schema public revoke all on sequences from sessions_runtime;
alter default privileges in schema public revoke execute on functions from sessions_runtime;
