-- Members of a project with an active session whose analytics are old (functions/stale_members_v1.sql).
select u.user_id from stale_members(%(project)s) as u (user_id) order by u.user_id
