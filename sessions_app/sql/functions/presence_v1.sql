-- Who is here: people one of whose sockets was seen within `p_within`, and agents that reported within
-- five minutes. A server process that died says nothing more, so its people are gone by themselves.
create function who_is_here(p_project uuid, p_now timestamptz, p_within interval) returns jsonb
  language sql stable
as $$
  select jsonb_build_object(
    'people', coalesce((
      select jsonb_agg(jsonb_build_object('id', u.id, 'name', u.display_name) order by u.display_name, u.id)
      from users u
      where u.is_active and u.id in (
        select p.user_id from presences p where p.project_id = p_project and p.seen_at > p_now - p_within
      )
    ), '[]'::jsonb),
    'agents', coalesce((
      select jsonb_agg(distinct a.agent_type)
      from agent_activities a
      where a.project_id = p_project and a.received_at > p_now - interval '5 minutes'
        and a.received_at <= p_now
    ), '[]'::jsonb)
  )
$$;
