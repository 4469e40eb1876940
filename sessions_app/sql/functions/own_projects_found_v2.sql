-- As before (own_projects_found_v1.sql), by indexes, and of the projects that functions/projects_found_v1.sql tells,
-- which asks who acts.
create or replace function own_projects_found(p_user uuid, p_archived boolean, p_words text)
returns table (id uuid, title varchar)
  language sql stable security definer set search_path = public, pg_temp
  -- By indexes: while all there are is a table of some pages, that one would be read whole.
  set enable_seqscan = off
  set jit = off
as $$
  select p.id, p.title from projects_found(p_user, p_archived, p_words) as p
$$;
