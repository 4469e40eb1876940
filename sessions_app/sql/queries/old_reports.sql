-- A project's agents' reports that nothing needs any more: digested, older than `before`, and not among the
-- newest, which the page of reports shows and the briefing looks through.
select a.id, a.received_at
from agent_activities a
where a.project_id = %(project)s and a.digested_version is not null and a.received_at < %(before)s
  and a.received_at < (
    select k.received_at from agent_activities k
    where k.project_id = %(project)s
    order by k.received_at desc
    offset %(newest)s - 1
    limit 1
  )
order by a.received_at
limit %(most)s
