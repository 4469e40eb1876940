-- What the roll-ups come to: by the product's own rules, when the indexes they go by are there.
insert into session_rollups (
  id, project_id, user_id, bucket, sessions, span_seconds, active_seconds, gap_seconds, lag_seconds, items_decided
)
select gen_random_uuid(), p.id, r.* from places p cross join lateral session_rollup_rows(p.id, '-infinity') as r;
insert into work_rollups (id, project_id, bucket, kind, actor_kind, times, wait_seconds)
select gen_random_uuid(), p.id, r.* from places p cross join lateral work_rollup_rows(p.id, 0, p.versions - 20) as r
where p.n = 0;
insert into decision_lives (id, project_id, item_id, began_version, began_at, actor_kind, ended_at, "end")
select gen_random_uuid(), p.id, r.* from places p cross join lateral decision_lives_of(p.id, 0, p.versions - 20) as r
where p.n = 0;
