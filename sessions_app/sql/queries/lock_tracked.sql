-- Lock the memberships of those whose input waits, in the one order of locks, before any of their rows.
select from memberships m
where m.project_id = %(project)s
  and m.user_id in (
    select t.user_id from tracked_activities t
    where t.project_id = %(project)s and t.digested_at is null
  )
order by m.id
for no key update
