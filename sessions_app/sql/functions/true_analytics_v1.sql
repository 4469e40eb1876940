-- What the counts and times of stored analytics rows should be, as get_session_summary and get_step_facts
-- tell them for one person, for all members of some projects at once. `p_user` narrows it to one person,
-- `p_since` to those who were active since; NULL takes all. `stored_at` is when the row was written that this
-- was read beside: one written since knows better. Set-based: the cost grows with the rows it reads, not with
-- pairs times decisions. A batch of projects is asked for twice, by `p_projects` and by the policies, which the
-- planner takes for two conditions and expects hardly any rows: left alone it would compare pairs times visits
-- instead of hashing them.
create function true_analytics(p_projects uuid[], p_user uuid default null, p_since timestamptz default null)
  returns table (
    id uuid, project_id uuid, user_id uuid, stored_at timestamptz, version bigint, member_version bigint,
    last_activity timestamptz, previous_activity timestamptz,
    items_decided_since integer, items_exploring integer, items_parked integer, pending_questions integer
  )
  language sql stable set enable_nestloop = off set enable_mergejoin = off
as $$
  with visits as (
    -- Of each pair the last ended session, beside the last sign of life in any.
    select distinct on (s.project_id, s.user_id)
      s.project_id, s.user_id, s.session_end as last_end,
      case when not s.is_active then (s.snapshot_at_start ->> 'version')::bigint end as start_version,
      max(s.last_activity) over (partition by s.project_id, s.user_id) as last_activity
    from user_sessions s
    where s.project_id = any(p_projects) and (p_user is null or s.user_id = p_user)
    order by s.project_id, s.user_id, s.is_active, s.session_end desc, s.session_start desc
  ),
  decided_since as (
    -- Visits and decisions of a project in one line, newest first: what a visit finds counted before it was
    -- decided after it began.
    select line.project_id, line.user_id, line.decided_after
    from (
      select l.project_id, l.user_id,
        sum(l.decided) over (
          partition by l.project_id order by l.version desc, l.decided
          rows between unbounded preceding and current row
        ) as decided_after
      from (
        select v.project_id, v.user_id, v.start_version as version, 0 as decided
        from visits v
        where v.start_version is not null
        union all
        select i.project_id, null, i.decided_version, 1
        from items i
        where i.project_id = any(p_projects) and i.state = 'decided'
      ) as l
    ) as line
    where line.user_id is not null
  )
  select a.id, a.project_id, a.user_id, a.updated_at, c.version, m.version, v.last_activity, v.last_end,
    -- Without an ended session everything decided counts.
    case when v.last_end is null then c.decided else d.decided_after::integer end,
    c.exploring, c.parked, c.questions_open
  from session_analytics a
  join memberships m on m.project_id = any(p_projects) and m.project_id = a.project_id and m.user_id = a.user_id
  join project_counters c on c.project_id = any(p_projects) and c.project_id = a.project_id
  left join visits v on v.project_id = a.project_id and v.user_id = a.user_id
  left join decided_since d on d.project_id = a.project_id and d.user_id = a.user_id
  where a.project_id = any(p_projects) and (p_user is null or a.user_id = p_user)
    and (p_since is null or v.last_activity >= p_since)
$$;
