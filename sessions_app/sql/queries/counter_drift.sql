-- Counter rows that do not say what there is: each count beside the right one.
select c.project_id, d.what, d.stored::text as stored, d.recomputed::text as recomputed
from project_counters c
cross join lateral (
  select count(*) filter (where i.state = 'exploring') as exploring,
    count(*) filter (where i.state = 'decided') as decided,
    count(*) filter (where i.state = 'parked') as parked
  from items i where i.project_id = c.project_id
) as i
cross join lateral (
  values
    ('exploring', c.exploring, i.exploring),
    ('decided', c.decided, i.decided),
    ('parked', c.parked, i.parked),
    (
      'questions_open', c.questions_open,
      (select count(*) from questions q where q.project_id = c.project_id and q.status = 'open')
    ),
    (
      'blockers_open', c.blockers_open,
      (select count(*) from blockers b where b.project_id = c.project_id and b.status = 'open')
    )
) as d (what, stored, recomputed)
where c.project_id = any(%(projects)s) and d.stored <> d.recomputed
order by c.project_id, d.what
