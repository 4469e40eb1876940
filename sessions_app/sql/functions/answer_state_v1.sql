-- What an answer to one person about one project hangs on, as a text to compare: where the project and the
-- membership stand, and the very rows that sign the person in. While it is the same, so is the verdict of
-- whoever looked before, and so is the answer. NULL without a membership, or where the sign-in is not there
-- (any more): then there is nothing to compare.
--
-- It lets the person act for this one look, so that row security decides as in any other; the caller has read
-- who it is from what it was shown (a signed token, a signed session). One statement asks it for many: each
-- call sets who acts anew, and the setting ends with the statement's transaction. A row's xmin is another one
-- after each change of that row.
create function answer_state(
  p_user uuid, p_project uuid, p_sign_in uuid, p_session_key text, p_with_analytics boolean, p_within interval
) returns text
  language plpgsql
as $$
begin
  perform set_config('app.user_id', p_user::text, true);
  return (
    select concat_ws(
      '.', database_epoch(), c.version, m.version, m.xmin, p.xmin, u.xmin, coalesce(i.xmin, s.xmin),
      a.xmin, md5(here.told::text)
    )
    from memberships m
    join project_counters c on c.project_id = m.project_id
    join projects p on p.id = m.project_id
    join users u on u.id = m.user_id
    left join api_sign_ins i
      on i.id = p_sign_in and i.user_id = p_user and i.ended_at is null and i.expires_at > now()
    left join django_session s on s.session_key = p_session_key and s.expire_date > now()
    -- Of all that is answered only the row itself shows how much was tracked.
    left join session_analytics a
      on p_with_analytics and a.user_id = m.user_id and a.project_id = m.project_id
    -- Pages show who is here, which raises no version.
    left join lateral (
      select who_is_here(p_project, now(), p_within) as told where p_session_key is not null
    ) as here on true
    where m.user_id = p_user and m.project_id = p_project and coalesce(i.xmin, s.xmin) is not null
  );
end
$$;
