-- The very rows that sign a person's program in, as a text to compare; NULL where the sign-in is over. While it
-- is the same, so is what was found before of the password and of the person. A row's xmin is another one after
-- each change of that row.
create function sign_in_state(p_user uuid, p_sign_in uuid) returns text
  language sql stable
as $$
  select concat_ws('.', u.xmin, i.xmin)
  from users u
  join api_sign_ins i on i.user_id = u.id
  where u.id = p_user and u.is_active and i.id = p_sign_in and i.ended_at is null and i.expires_at > now()
$$;

-- What an answer to one person about one project hangs on, likewise: where the project and the membership stand,
-- and what signs the person in: a program's sign-in, or a browser's session. While it is the same, so is the
-- verdict of whoever looked before, and so is the answer. NULL without a membership or a sign-in: then there is
-- nothing to compare.
--
-- It lets the person act for this one look, so that row security decides as in any other; the caller has read
-- who it is from what it was shown (a signed token, a signed session). One statement asks it for many: each
-- call sets who acts anew, and the setting ends with the statement's transaction.
--
-- Who opens the project's page (at `p_opened_at`) resumes their session by that; NULL where there is none to
-- resume, for it is idle for `p_idle` or over: a new one changes what the page shows.
create function answer_state(
  p_user uuid, p_project uuid, p_sign_in uuid, p_session_key text, p_with_analytics boolean, p_within interval,
  p_opened_at timestamptz, p_idle interval
) returns text
  language plpgsql
as $$
declare
  signed_in constant text := coalesce(
    sign_in_state(p_user, p_sign_in),
    (
      select concat_ws('.', u.xmin, s.xmin)
      from users u, django_session s
      where u.id = p_user and u.is_active and s.session_key = p_session_key and s.expire_date > now()
    )
  );
begin
  if signed_in is null then
    return null;
  end if;
  perform set_config('app.user_id', p_user::text, true), set_config('app.project_id', p_project::text, true);
  if p_opened_at is not null then
    perform from resume_session(p_user, p_project, p_opened_at, p_opened_at - p_idle);
    if not found then
      return null;
    end if;
  end if;
  return (
    select concat_ws(
      '.',
      -- A connection that asks often notes it once.
      coalesce(nullif(current_setting('app.epoch', true), ''), database_epoch()), signed_in,
      -- What concerns the project itself raises its version as well.
      c.version, c.xmin, m.version, m.xmin,
      -- Of all that is answered only the row itself shows how much was tracked,
      case when p_with_analytics then (
        select a.xmin from session_analytics a where a.user_id = p_user and a.project_id = p_project
      ) end,
      -- and some panels who is here, which raises no version.
      case when p_within is not null then md5(who_is_here(p_project, now(), p_within)::text) end
    )
    from memberships m
    join project_counters c on c.project_id = m.project_id
    where m.user_id = p_user and m.project_id = p_project
  );
end
$$;
