-- The intake and the metrics are kept in partitions, one a month of UTC, so that a month that is past its age goes
-- as a whole. These functions know every partitioned table from the catalog. The run-time role may not make or drop
-- tables; it calls these, and reaches rows through the partitioned tables alone.

-- Every partition and its times. `since` null: from the beginning; both null: whatever no other one takes.
create function partitions_kept()
  returns table (parent text, name text, by_column text, since timestamptz, until timestamptz)
  language sql stable
as $$
  select p.relname::text, c.relname::text, a.attname::text,
    substring(b.bound from 'FROM \(''([^'']+)''\)')::timestamptz,
    substring(b.bound from 'TO \(''([^'']+)''\)')::timestamptz
  from pg_partitioned_table t
  join pg_class p on p.oid = t.partrelid and p.relnamespace = 'public'::regnamespace
  join pg_attribute a on a.attrelid = p.oid and a.attnum = t.partattrs[0]
  join pg_inherits i on i.inhparent = p.oid
  join pg_class c on c.oid = i.inhrelid
  cross join lateral (select pg_get_expr(c.relpartbound, c.oid) as bound) as b
$$;

-- Nobody reads a partition past the policies of its table: no rights for the run-time role, and row security that
-- only the owner passes.
create function close_partition(p_partition text) returns void
  language plpgsql
as $$
begin
  execute format('revoke all on %I from sessions_runtime', p_partition);
  execute format('alter table %I enable row level security, force row level security', p_partition);
  execute format('create policy owner_all on %I to current_user using (true) with check (true)', p_partition);
end
$$;

-- What is missing of the month of `p_now` and the three after it.
create function missing_partitions(p_now timestamptz)
  returns table (parent text, name text, since timestamptz, until timestamptz)
  language sql stable
as $$
  select d.parent, n.name, m.since, m.until
  from partitions_kept() as d
  cross join lateral (
    select s.month at time zone 'UTC' as since, (s.month + interval '1 month') at time zone 'UTC' as until
    from generate_series(
      date_trunc('month', p_now at time zone 'UTC'),
      date_trunc('month', p_now at time zone 'UTC') + interval '3 months',
      interval '1 month'
    ) as s (month)
  ) as m
  cross join lateral (select d.parent || to_char(m.since at time zone 'UTC', '_YYYY_MM') as name) as n
  where d.until is null
    and to_regclass(quote_ident(n.name)) is null
    and not exists (
      select from partitions_kept() as k
      where k.parent = d.parent and k.until > m.since and (k.since is null or k.since < m.until)
    )
  order by d.parent, m.since
$$;

-- Make one of those, by its table and the begin of its month; returns whether it was made. It waits a tenth of a
-- second for a lock at most, for whoever comes then waits behind it: lock_not_available, and nothing is done.
create function make_partition(p_parent text, p_since timestamptz) returns boolean
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  rest record;
  missing record;
  too_many constant integer := 10000;
  waiting integer;
begin
  -- Whoever may call this could fill the catalog otherwise, month by month to the end of time.
  if p_since > now() + interval '2 years' then
    raise exception 'no partition is made for %, which is years away', p_since
      using errcode = 'invalid_parameter_value';
  end if;
  perform set_config('lock_timeout', '100ms', true);
  select k.name, k.by_column into rest from partitions_kept() as k where k.parent = p_parent and k.until is null;
  if not found then
    return false;
  end if;
  -- Attaching takes this lock anyway; here it is had before anything is looked at. Whoever had it before may have
  -- made the partition.
  execute format('lock table %I in access exclusive mode', rest.name);
  select m.* into missing from missing_partitions(p_since) as m where m.parent = p_parent and m.since = p_since;
  if not found then
    return false;
  end if;
  execute format(
    'select count(*) from (select from %I where %I >= $1 and %2$I < $2 limit $3) as few', rest.name, rest.by_column
  ) into waiting using missing.since, missing.until, too_many + 1;
  -- They would be moved under that lock. They stay where they are, and go row by row when they are old.
  if waiting > too_many then
    return false;
  end if;
  -- Made apart and attached: made in its place it would lock out whoever reads or writes the table.
  execute format(
    'create table %I (like %I including all excluding identity excluding indexes)', missing.name, p_parent
  );
  perform close_partition(missing.name);
  if waiting > 0 then
    execute format(
      'with moved as (delete from %I where %I >= $1 and %2$I < $2 returning *) insert into %I select * from moved',
      rest.name, rest.by_column, missing.name
    ) using missing.since, missing.until;
  end if;
  execute format(
    'alter table %I attach partition %I for values from (%L) to (%L)',
    p_parent, missing.name, missing.since, missing.until
  );
  return true;
end
$$;

-- Whether something in a month is still needed, by the rules of sql/queries/old_tracked.sql, old_reports.sql and
-- services/metric_samples.py, asked of a whole month at once. `p_reports`: so many of a project's newest stay.
create function month_is_needed(p_parent text, p_since timestamptz, p_until timestamptz, p_reports integer)
  returns boolean
  language plpgsql stable
as $$
begin
  return case p_parent
    when 'tracked_activities' then
      exists (
        select from tracked_activities t
        where t.received_at >= p_since and t.received_at < p_until and t.digested_at is null
      )
      or exists (
        select from user_sessions s
        join tracked_activities t on t.project_id = s.project_id and t.user_id = s.user_id
          and t.received_at >= s.session_start and t.received_at <= coalesce(s.session_end, p_until)
        where s.measured_at is null and t.received_at >= p_since and t.received_at < p_until
      )
    when 'agent_activities' then
      exists (
        select from agent_activities a
        where a.received_at >= p_since and a.received_at < p_until and a.digested_version is null
      )
      or exists (
        select from (
          select distinct a.project_id from agent_activities a
          where a.received_at >= p_since and a.received_at < p_until
        ) as p
        where not exists (
          select from agent_activities k
          where k.project_id = p.project_id and k.received_at >= p_until
          offset p_reports - 1
        )
      )
    when 'metric_samples' then
      -- What was counted ever since has a moment of its own, and no age.
      exists (select from metric_samples m where m.resolution = 'ever' and m.at >= p_since and m.at < p_until)
    else true
  end;
end
$$;

-- Drop a partition that ended by `p_before` and in which nothing is needed; returns how many rows it had (of more than
-- 100,000 about), null when it stays. Only for the admin: a month is of all projects. It waits for locks as
-- make_partition() does.
create function drop_partition(p_partition text, p_before timestamptz, p_reports integer) returns bigint
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  one record;
  dropped bigint;
begin
  if not acting_admin() then
    raise exception 'only the admin may drop a partition' using errcode = 'insufficient_privilege';
  end if;
  select k.* into one from partitions_kept() as k where k.name = p_partition and k.until <= p_before;
  if not found or month_is_needed(one.parent, coalesce(one.since, '-infinity'), one.until, p_reports) then
    return null;
  end if;
  execute format('select count(*) from (select from %I limit 100000) as few', one.name) into dropped;
  if dropped = 100000 then
    select greatest(dropped, c.reltuples::bigint) into dropped
    from pg_class c where c.oid = to_regclass(quote_ident(one.name));
  end if;
  perform set_config('lock_timeout', '100ms', true);
  execute format('drop table %I', one.name);
  return dropped;
end
$$;

-- How many rows lie in no month's partition, by table; counted to 100,000.
create function rows_of_no_month() returns table (parent text, times bigint)
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  rest record;
begin
  for rest in select k.parent, k.name from partitions_kept() as k where k.until is null order by k.parent loop
    parent := rest.parent;
    execute format('select count(*) from (select from %I limit 100000) as few', rest.name) into times;
    return next;
  end loop;
end
$$;
