-- Measure the project's sessions that wait for it; with `anew` also those that are measured already, as far as
-- their intake is still there. Returns the quarters of an hour whose roll-up rows are old by that.
with measured as (
  update user_sessions s
  set measured_at = %(now)s, active_seconds = m.active_seconds, gap_seconds = m.gap_seconds,
    lag_seconds = m.lag_seconds, items_decided = m.items_decided, inputs_measured = m.inputs_measured
  from session_measures(
    %(project)s,
    array(
      select d.session_id from sessions_to_measure(%(ended_by)s) as d where d.project_id = %(project)s
      union all
      select a.id from user_sessions a
      where a.project_id = %(project)s and a.measured_at is not null and %(anew)s
    ),
    %(act_counts)s
  ) as m
  where s.project_id = %(project)s and s.id = m.session_id
    and m.inputs_measured >= coalesce(s.inputs_measured, 0)
  returning s.user_id, quarter_of(s.session_start) as bucket
)
select m.user_id, m.bucket, count(*) as sessions from measured m group by m.user_id, m.bucket
