-- Where a project stands for whoever acts: of which database, at which version, and at which version what is
-- shown to this one member (null: to an agent). No row for whom it is not there.
select database_epoch() as epoch, counter.version, member.version as member_version
from project_counters counter
left join memberships member on member.project_id = counter.project_id and member.user_id = %(user)s
where counter.project_id = %(project)s
