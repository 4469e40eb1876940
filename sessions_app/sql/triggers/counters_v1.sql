-- The counts a panel shows are kept with the rows they count, in the same transaction, once per
-- statement: adding a thousand items updates the counter row once. SECURITY DEFINER, because the
-- run-time role may not write counters itself.
create function count_items() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  update project_counters c
  set exploring = c.exploring + d.exploring, decided = c.decided + d.decided, parked = c.parked + d.parked
  from (
    select project_id,
      coalesce(sum(n) filter (where state = 'exploring'), 0) as exploring,
      coalesce(sum(n) filter (where state = 'decided'), 0) as decided,
      coalesce(sum(n) filter (where state = 'parked'), 0) as parked
    from (
      select project_id, state, 1 as n from added
      union all
      select project_id, state, -1 from removed
    ) as changes
    group by project_id
  ) as d
  where c.project_id = d.project_id and (d.exploring, d.decided, d.parked) <> (0, 0, 0);
  return null;
end
$$;

create function count_items_added() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  update project_counters c
  set exploring = c.exploring + d.exploring, decided = c.decided + d.decided, parked = c.parked + d.parked
  from (
    select project_id,
      count(*) filter (where state = 'exploring') as exploring,
      count(*) filter (where state = 'decided') as decided,
      count(*) filter (where state = 'parked') as parked
    from added group by project_id
  ) as d
  where c.project_id = d.project_id;
  return null;
end
$$;

create function count_items_removed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  update project_counters c
  set exploring = c.exploring - d.exploring, decided = c.decided - d.decided, parked = c.parked - d.parked
  from (
    select project_id,
      count(*) filter (where state = 'exploring') as exploring,
      count(*) filter (where state = 'decided') as decided,
      count(*) filter (where state = 'parked') as parked
    from removed group by project_id
  ) as d
  where c.project_id = d.project_id;
  return null;
end
$$;

create trigger items_added after insert on items
  referencing new table as added for each statement execute function count_items_added();
create trigger items_changed after update on items
  referencing new table as added old table as removed for each statement execute function count_items();
create trigger items_removed after delete on items
  referencing old table as removed for each statement execute function count_items_removed();

-- Open questions and open blockers: row by row, they come in ones and twos. TG_ARGV names the column.
create function count_open() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  was_open constant integer := case when tg_op <> 'INSERT' and old.status = 'open' then 1 else 0 end;
  is_open constant integer := case when tg_op <> 'DELETE' and new.status = 'open' then 1 else 0 end;
  project constant uuid := case when tg_op = 'DELETE' then old.project_id else new.project_id end;
begin
  if is_open <> was_open then
    execute format(
      'update project_counters set %1$I = %1$I + $1 where project_id = $2', tg_argv[0]
    ) using is_open - was_open, project;
  end if;
  return null;
end
$$;

create trigger questions_counted after insert or delete or update of status on questions
  for each row execute function count_open('questions_open');
create trigger blockers_counted after insert or delete or update of status on blockers
  for each row execute function count_open('blockers_open');
