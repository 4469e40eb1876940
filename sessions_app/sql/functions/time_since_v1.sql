-- "2 hours ago" in whole units, rounded down, right singular. The twin of insights/durations.py ago();
-- a test compares the two.
create function time_since_words(p_moment timestamptz, p_now timestamptz) returns text
  language sql immutable parallel safe
as $$
  select case
    when seconds < 60 then 'just now'
    when seconds < 120 then '1 minute ago'
    when seconds < 3600 then seconds / 60 || ' minutes ago'
    when seconds < 7200 then '1 hour ago'
    when seconds < 86400 then seconds / 3600 || ' hours ago'
    when days = 1 then '1 day ago'
    when days < 7 then days || ' days ago'
    when days < 14 then '1 week ago'
    when days < 30 then days / 7 || ' weeks ago'
    when days < 60 then '1 month ago'
    when days < 365 then days / 30 || ' months ago'
    when days < 730 then '1 year ago'
    else days / 365 || ' years ago'
  end
  from (
    select seconds, seconds / 86400 as days
    from (select floor(extract(epoch from p_now - p_moment))::bigint as seconds) as elapsed
  ) as units
$$;

-- How long ago this person's last ended session in this project was, in words; 'first session' when
-- there is none. NULL without the right to see it.
create function get_time_since_last_session(p_user uuid, p_project uuid, p_now timestamptz default now())
  returns text
  language sql stable
as $$
  select coalesce(
    (
      select time_since_words(max(s.session_end), p_now)
      from user_sessions s
      where s.user_id = p_user and s.project_id = p_project and not s.is_active
    ),
    'first session'
  )
  from memberships m
  where m.user_id = p_user and m.project_id = p_project
    and (acting_user() is null or acting_user() = p_user)
$$;
