-- Add refusals to their hours, where the project is still there and whoever sent it is a member, or its agent.
insert into intake_refusals (id, project_id, hour, door, reason, times)
select gen_random_uuid(), r.project_id, r.hour, r.door, r.reason, sum(r.times)
from jsonb_to_recordset(%(refused)s::jsonb) as r (
  project_id uuid, user_id uuid, hour timestamptz, door text, reason text, times bigint
)
join projects p on p.id = r.project_id
where r.user_id is null
  or exists (select from memberships m where m.project_id = r.project_id and m.user_id = r.user_id)
group by r.project_id, r.hour, r.door, r.reason
order by r.project_id, r.hour, r.door, r.reason
on conflict (project_id, hour, door, reason) do update set times = intake_refusals.times + excluded.times
