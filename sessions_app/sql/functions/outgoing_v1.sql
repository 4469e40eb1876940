-- Projects with something for the background to do. Ids only: the job then acts as the system for these.

create function projects_with_deliveries(p_now timestamptz) returns table (project_id uuid)
  language sql stable security definer set search_path = public, pg_temp
as $$
  select distinct d.project_id from webhook_deliveries d
  where d.status = 'waiting' and d.next_try_at <= p_now
$$;

create function projects_with_old_deliveries(p_before timestamptz) returns table (project_id uuid)
  language sql stable security definer set search_path = public, pg_temp
as $$
  select distinct d.project_id from webhook_deliveries d where d.ended_at < p_before
$$;

create function projects_with_unheard_messages() returns table (project_id uuid)
  language sql stable security definer set search_path = public, pg_temp
as $$
  select distinct m.project_id from messages m where m.unheard
$$;

-- Projects that moved since the in-house agents last looked for gaps, which was before `p_before`.
create function projects_to_seek_gaps_in(p_before timestamptz) returns table (project_id uuid)
  language sql stable security definer set search_path = public, pg_temp
as $$
  select p.id
  from projects p
  join project_counters c on c.project_id = p.id
  left join project_digests d on d.project_id = p.id
  where p.agents_paused_at is null and p.archived_at is null
    and (d.gaps_sought_at is null or d.gaps_sought_at < p_before)
    and c.version <> coalesce(d.gaps_sought_version, -1)
$$;
