-- As before (own_counted_until_v1.sql), by indexes.
create or replace function own_counted_until(p_user uuid, p_now timestamptz) returns timestamptz
  language sql stable security definer set search_path = public, pg_temp
  -- By indexes: while all there are is a table of some pages, that one would be read whole.
  set enable_seqscan = off
  set jit = off
as $$
  select min(least(
    p_now,
    (
      select min(a.created_at) from activities a
      where a.project_id = f.project_id and a.version > f.version
    ),
    (
      select min(s.session_end) from user_sessions s
      where s.project_id = f.project_id and not s.is_active and s.measured_at is null
    )
  ))
  from memberships m
  join rollup_fills f on f.project_id = m.project_id
  where m.user_id = p_user and p_user = acting_user()
$$;
