-- What a page is made from, in one statement: the summary, which database this is, who is here, and the
-- members' names, of which some may need telling apart.
select
  get_session_summary(%(user)s, %(project)s, %(now)s) as summary,
  database_epoch() as epoch,
  who_is_here(%(project)s, %(now)s, make_interval(secs => %(within)s)) as here,
  (
    select coalesce(jsonb_agg(jsonb_build_array(u.id, u.display_name, u.email)), '[]'::jsonb)
    from memberships m
    join users u on u.id = m.user_id
    where m.project_id = %(project)s
  ) as members
