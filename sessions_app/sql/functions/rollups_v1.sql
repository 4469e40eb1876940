-- The quarter of an hour that a moment lies in: what roll-ups count by.
create function quarter_of(p_moment timestamptz) returns timestamptz
  language sql immutable parallel safe
  return date_bin(interval '15 minutes', p_moment, timestamptz '2000-01-01 00:00:00+00');

-- The sessions that were over by `p_ended_by` and are not measured: once all input of theirs is digested.
create function sessions_to_measure(p_ended_by timestamptz)
  returns table (project_id uuid, session_id uuid)
  language sql stable
as $$
  select s.project_id, s.id
  from user_sessions s
  where not s.is_active and s.measured_at is null and s.session_end <= p_ended_by
    and not exists (
      select from tracked_activities t
      where t.project_id = s.project_id and t.user_id = s.user_id and t.digested_at is null
        and t.received_at <= s.session_end
    )
$$;

-- The projects whose roll-ups are behind: something happened there, or a session is to be measured. Ids only:
-- the job then acts as the system for these.
create function projects_with_rollups(p_ended_by timestamptz)
  returns table (project_id uuid)
  language sql stable security definer set search_path = public, pg_temp
as $$
  select m.project_id from sessions_to_measure(p_ended_by) as m
  union
  select c.project_id
  from project_counters c
  left join rollup_fills f on f.project_id = c.project_id
  where c.version > coalesce(f.version, 0)
$$;

-- What these sessions of a project came to (insights/measures.py has the rules). An act counts until the
-- next one, at most `p_act_counts`. Each act is told to the visit that began last before it by counting the
-- beginnings in order, so that the time grows with the acts and not with acts times visits: ledger rows by
-- their versions, which are exact, input by its time. Planned for each call: a plan for any list of sessions is
-- one for a few, and takes fifty times as long for many.
create function session_measures(p_project uuid, p_sessions uuid[], p_act_counts interval)
  returns table (
    session_id uuid, active_seconds integer, gap_seconds integer, lag_seconds integer,
    items_decided integer, inputs_measured integer
  )
  language sql stable set plan_cache_mode = force_custom_plan
as $$
  with visits as materialized (
    select s.id, s.user_id, s.session_start, s.session_end, s.end_version,
      (s.snapshot_at_start ->> 'version')::bigint as start_version
    from user_sessions s
    where s.project_id = p_project and s.id = any(p_sessions)
  ),
  -- All of the span first, then whose: the other way round is a person's rows in every project.
  ledger as materialized (
    select a.actor_id, a.version, a.created_at, case a.kind when 'item.decided' then a.item_id end as decided
    from activities a
    where a.project_id = p_project and a.actor_kind = 'user'
      and a.version > (select min(v.start_version) from visits v)
      and a.version <= (select max(v.end_version) from visits v)
  ),
  intake as materialized (
    select t.user_id, t.version, t.received_at
    from tracked_activities t
    where t.project_id = p_project
      and t.received_at >= (select min(v.session_start) from visits v)
      and t.received_at <= (select max(v.session_end) from visits v)
  ),
  done as (
    -- A row at the very version a visit began with was there before it.
    select n.*, first_value(n.began) over (partition by n.user_id, n.nth order by n.began nulls last) as visit
    from (
      select e.*,
        count(e.began) over (
          partition by e.user_id order by e.version, e.began is not null, e.at, e.began
          rows unbounded preceding
        ) as nth
      from (
        select v.user_id, v.start_version as version, v.session_start as at, v.id as began,
          null::uuid as decided
        from visits v
        union all
        select l.actor_id, l.version, l.created_at, null, l.decided
        from ledger l
        where l.actor_id in (select v.user_id from visits v)
      ) as e
    ) as n
  ),
  sent as (
    -- Input at the very moment a visit began belongs to it.
    select n.*, first_value(n.began) over (partition by n.user_id, n.nth order by n.began nulls last) as visit
    from (
      select e.*,
        count(e.began) over (
          partition by e.user_id order by e.at, e.began is null, e.version, e.began
          rows unbounded preceding
        ) as nth
      from (
        select v.user_id, v.start_version as version, v.session_start as at, v.id as began from visits v
        union all
        select i.user_id, i.version, i.received_at, null
        from intake i
        where i.user_id in (select v.user_id from visits v)
      ) as e
    ) as n
  ),
  acts as (
    select v.id, v.session_end, v.session_start as at, null::uuid as decided, false as is_own, false as is_input
    from visits v
    union all
    -- A clock read beside a lock may be off by a little: nothing of a visit lies outside it.
    select v.id, v.session_end, least(greatest(d.at, v.session_start), v.session_end), d.decided, true, false
    from done d
    join visits v on v.id = d.visit and d.version <= v.end_version
    where d.began is null
    union all
    select v.id, v.session_end, s.at, null, false, true
    from sent s
    join visits v on v.id = s.visit and s.at <= v.session_end
    where s.began is null
  ),
  counted as (
    select a.*,
      least(
        p_act_counts, lead(a.at, 1, a.session_end) over (partition by a.id order by a.at) - a.at
      ) as counts_for
    from acts a
  ),
  summed as (
    select c.id, sum(c.counts_for) as active, min(c.at) filter (where c.is_own) as first_at,
      count(distinct c.decided) as decided, count(*) filter (where c.is_input) as inputs
    from counted c
    group by c.id
  )
  select v.id,
    floor(extract(epoch from s.active))::integer,
    floor(extract(epoch from v.session_start - before.session_end))::integer,
    floor(extract(epoch from s.first_at - v.session_start))::integer,
    s.decided::integer,
    s.inputs::integer
  from visits v
  join summed s on s.id = v.id
  left join lateral (
    select e.session_end
    from user_sessions e
    where e.project_id = p_project and e.user_id = v.user_id and not e.is_active
      and e.session_end <= v.session_start and (e.session_start, e.id) < (v.session_start, v.id)
    order by e.session_end desc
    limit 1
  ) as before on true
$$;

-- The rows of session_rollups as a project's sessions have them, of the quarters from `p_since` on.
create function session_rollup_rows(p_project uuid, p_since timestamptz)
  returns table (
    user_id uuid, bucket timestamptz, sessions integer, span_seconds integer[], active_seconds integer[],
    gap_seconds integer[], lag_seconds integer[], items_decided integer[]
  )
  language sql stable
as $$
  select s.user_id, s.bucket, count(*)::integer,
    array_agg(s.span order by s.session_start, s.id),
    array_agg(s.active_seconds order by s.session_start, s.id),
    coalesce(
      array_agg(s.gap_seconds order by s.session_start, s.id) filter (where s.gap_seconds is not null), '{}'
    ),
    coalesce(
      array_agg(s.lag_seconds order by s.session_start, s.id) filter (where s.lag_seconds is not null), '{}'
    ),
    array_agg(s.items_decided order by s.session_start, s.id)
  from (
    select v.*, quarter_of(v.session_start) as bucket,
      floor(extract(epoch from v.session_end - v.session_start))::integer as span
    from user_sessions v
    where v.project_id = p_project and v.measured_at is not null and v.session_start >= p_since
  ) as s
  group by s.user_id, s.bucket
$$;

-- What the ledger adds to work_rollups by its rows after version `p_after`, up to `p_until`.
create function work_rollup_rows(p_project uuid, p_after bigint, p_until bigint)
  returns table (bucket timestamptz, kind text, actor_kind text, times integer, wait_seconds integer[])
  language sql stable
as $$
  select quarter_of(a.created_at), a.kind, a.actor_kind, count(*)::integer,
    coalesce(
      array_agg(
        greatest(0, floor(extract(epoch from a.created_at - q.created_at)))::integer order by a.version, a.id
      ) filter (where q.id is not null),
      '{}'
    )
  from activities a
  left join questions q
    on a.kind = 'question.answered' and q.project_id = a.project_id and q.id = a.question_id
  where a.project_id = p_project and a.version > p_after and a.version <= p_until
  group by quarter_of(a.created_at), a.kind, a.actor_kind
$$;

-- The lives of decisions, at version `p_until`, of the items that came into another state after `p_after`. A
-- life begins where an item comes to be decided; deciding it again in other words goes on with it. It ends
-- where the item leaves that state: a later decision that takes its place parks it and says so. One that
-- began and ended in one transaction was never to be seen.
create function decision_lives_of(p_project uuid, p_after bigint, p_until bigint)
  returns table (
    item_id uuid, began_version bigint, began_at timestamptz, actor_kind text, ended_at timestamptz,
    "end" text
  )
  language sql stable
as $$
  with moved as materialized (
    select distinct a.item_id
    from activities a
    where a.project_id = p_project and a.version > p_after and a.version <= p_until
      and a.item_id is not null
      and a.kind in ('item.decided', 'item.explored', 'item.parked', 'item.deleted')
  ),
  moves as (
    select a.item_id, a.id, a.version, a.kind, a.actor_kind, a.created_at,
      a.data -> 'superseded_by' ->> 'id' is not null as is_superseded,
      lag(a.kind) over (partition by a.item_id order by a.id) as kind_before
    from activities a
    join moved on moved.item_id = a.item_id
    where a.project_id = p_project and a.version <= p_until
      and a.kind in ('item.decided', 'item.explored', 'item.parked', 'item.deleted')
  ),
  lives as (
    select m.*,
      lead(m.version) over item as ended_version,
      lead(m.created_at) over item as ended_at,
      case
        when lead(m.kind) over item is null then ''
        when lead(m.kind) over item = 'item.explored' then 'reopened'
        when lead(m.is_superseded) over item then 'superseded'
        else 'left'
      end as "end"
    from moves m
    where m.kind <> 'item.decided' or m.kind_before is distinct from 'item.decided'
    window item as (partition by m.item_id order by m.id)
  )
  select l.item_id, l.version, l.created_at, l.actor_kind, l.ended_at, l."end"
  from lives l
  where l.kind = 'item.decided' and l.ended_version is distinct from l.version
$$;
