drop function decision_lives_of(uuid, bigint, bigint);
drop function work_rollup_rows(uuid, bigint, bigint);
drop function session_rollup_rows(uuid, timestamptz);
drop function session_measures(uuid, uuid[], interval);
drop function projects_with_rollups(timestamptz);
drop function sessions_to_measure(timestamptz);
drop function quarter_of(timestamptz);
