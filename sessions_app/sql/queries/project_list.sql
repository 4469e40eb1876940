-- A person's projects, each with what waits for them there: a page of them (functions/own_projects_v2.sql).
select * from own_projects(
  %(user)s, %(archived)s::boolean, %(words)s,
  %(after_waits)s::boolean, %(after_moved_at)s::timestamptz, %(after_id)s::uuid, %(most)s
)
