create or replace function own_projects_found(p_user uuid, p_archived boolean, p_words text)
returns table (id uuid, title varchar)
  language sql stable security definer set search_path = public, pg_temp
as $$
  select p.id, p.title
  from memberships m
  join projects p on p.id = m.project_id
  where m.user_id = p_user and p_user = acting_user()
    and (p_archived is null or (p.archived_at is not null) = p_archived)
    and position(lower(p_words) in lower(p.title)) > 0
$$;
