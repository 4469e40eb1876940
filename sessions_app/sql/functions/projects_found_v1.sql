-- The projects that a person is a member of, archived or not (NULL: all), with these words in their titles; of whoever
-- acts alone. It becomes a part of the plan of whoever asks.
create function projects_found(p_user uuid, p_archived boolean, p_words text)
returns table (id uuid, title varchar, archived_at timestamptz, created_at timestamptz, role varchar)
  language sql stable
as $$
  select p.id, p.title, p.archived_at, p.created_at, m.role
  from memberships m
  join projects p on p.id = m.project_id
  where m.user_id = p_user and p_user = acting_user()
    and (p_archived is null or (p.archived_at is not null) = p_archived)
    and position(lower(p_words) in lower(p.title)) > 0
$$;
