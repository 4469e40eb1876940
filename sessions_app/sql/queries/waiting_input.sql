-- A batch of input that waits in these projects: whose it is, each after a person, and up to which row of theirs.
-- Their memberships are locked by it, in the one order of locks before any of their rows, so that a start or an
-- end of a session waits or is over. Who is just now locked by one is not free and left for the next batch: nobody
-- is kept waiting by a batch that waits itself.
with waiting as materialized (
  select p.project_id, w.user_id, w.id
  from unnest(%(projects)s::uuid[], %(after)s::uuid[]) as p (project_id, after)
  -- In the index's own order, and no more than a share from each: a project with a heap holds up no other.
  cross join lateral (
    select t.user_id, t.id
    from tracked_activities t
    where t.project_id = p.project_id and t.user_id > p.after and t.digested_at is null
      and (%(user)s::uuid is null or t.user_id = %(user)s::uuid)
    order by t.user_id, t.id
    limit %(most_each)s
  ) as w
),
whose as (
  select w.project_id, w.user_id, max(w.id) as up_to from waiting w group by w.project_id, w.user_id
),
locked as materialized (
  select m.project_id, m.user_id
  from memberships m
  where (m.project_id, m.user_id) in (select w.project_id, w.user_id from whose w)
  order by m.id
  for no key update skip locked
)
select w.project_id, w.user_id, w.up_to,
  -- Whoever was taken out meanwhile has nothing to be locked, and input that is folded into nothing.
  m.id is null or (w.project_id, w.user_id) in (select l.project_id, l.user_id from locked l) as is_free
from whose w
left join memberships m on m.project_id = w.project_id and m.user_id = w.user_id
