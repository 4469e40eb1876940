-- Stored analytics rows of an older version than their project or their membership is at.
select t.project_id, t.user_id
from true_analytics(%(projects)s, %(user)s, %(since)s) as t
join session_analytics a on a.id = t.id
where (a.computed_version, a.computed_member_version) <> (t.version, t.member_version)
order by t.project_id, t.user_id
