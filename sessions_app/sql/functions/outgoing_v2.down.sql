create function projects_with_old_deliveries(p_before timestamptz) returns table (project_id uuid)
  language sql stable security definer set search_path = public, pg_temp
as $$
  select distinct d.project_id from webhook_deliveries d where d.ended_at < p_before
$$;
