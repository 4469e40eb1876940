-- Which database this is: another text after a restore, be it into another cluster, an earlier point of
-- this one's history, or in place. A page that was rendered by another database reloads: its versions
-- are not to be compared with these.
create function database_epoch() returns text
  language sql stable security definer set search_path = public, pg_temp
as $$
  select left(md5(concat_ws('/',
    (select system_identifier from pg_control_system()),
    (select timeline_id from pg_control_checkpoint()),
    (select oid from pg_database where datname = current_database()),
    'project_counters'::regclass::oid
  )), 12)
$$;
