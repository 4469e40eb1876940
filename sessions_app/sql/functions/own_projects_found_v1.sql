-- All of a person's projects with these words in their titles, as functions/own_projects_v1.sql finds them: to
-- count them, or to put something beside each.
--
-- SECURITY DEFINER for the same reason, and it asks itself who acts as well.
create function own_projects_found(p_user uuid, p_archived boolean, p_words text)
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
