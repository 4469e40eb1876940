-- What a page of figures needs of the sessions of two periods, in one pass over their roll-ups: of each measure
-- its numbers; and of each stretch of a period (`at`, from 1) how many sessions, of how many people, the seconds
-- they were open and active, the items decided. Beside them the waits of a project's answered questions.
with edges as materialized (
  -- Read once: written where they are used, they would be read from their text for every row.
  select
    %(days)s::timestamptz[] as days, %(days_before)s::timestamptz[] as days_before,
    %(stretches)s::timestamptz[] as stretches, %(stretches_before)s::timestamptz[] as stretches_before
),
chosen as materialized (
  select r.bucket >= %(start)s as is_now, r.bucket, r.user_id,
    -- Side by side: where one array is shorter, its places are NULL. Joined, each row would be a scan of its own.
    unnest(r.span_seconds) as span, unnest(r.active_seconds) as active, unnest(r.gap_seconds) as gap,
    unnest(r.lag_seconds) as lag, unnest(r.items_decided) as decided
  from session_rollups r
  where (%(project)s::uuid is null or r.project_id = %(project)s)
    and (%(user)s::uuid is null or r.user_id = %(user)s)
    and (
      r.bucket >= %(start)s and r.bucket < %(end)s
      or r.bucket >= %(start_before)s and r.bucket < %(end_before)s
    )
),
measured as (
  select is_now,
    array_agg(span::bigint) filter (where span is not null) as span,
    array_agg(active::bigint) filter (where active is not null) as active,
    array_agg(gap::bigint) filter (where gap is not null) as gap,
    array_agg(lag::bigint) filter (where lag is not null) as lag,
    array_agg(decided::bigint) filter (where decided is not null) as decided
  from chosen
  group by is_now
),
visits as (
  select is_now, count(span) as n
  from chosen
  group by is_now, user_id, width_bucket(
    bucket, case when is_now then (select days from edges) else (select days_before from edges) end
  )
),
of_each as (
  select is_now, user_id, count(span) as sessions, sum(span) as open, sum(active) as active, sum(decided) as decided,
    width_bucket(
      bucket, case when is_now then (select stretches from edges) else (select stretches_before from edges) end
    ) as at
  from chosen
  group by is_now, user_id, at
)
select m.is_now, n.what, 0 as at, n.numbers
from measured m
cross join lateral (values
  ('sessionLength', span), ('activeTime', active), ('timeBetween', gap), ('resumptionLag', lag),
  ('itemsDecided', decided)
) as n (what, numbers)
where n.numbers is not null
union all
select is_now, 'sessionsPerDay', 0, array_agg(n) from visits group by is_now
union all
select is_now, 'stretch', at, array[
  sum(sessions), count(*), coalesce(sum(open), 0), coalesce(sum(active), 0), coalesce(sum(decided), 0)
]::bigint[]
from of_each
group by is_now, at
union all
select w.bucket >= %(start)s, 'timeToAnswer', 0, array_agg(n::bigint)
from work_rollups w
cross join unnest(w.wait_seconds) as n
where w.project_id = %(project)s and w.kind = 'question.answered'
  and (
    w.bucket >= %(start)s and w.bucket < %(end)s
    or w.bucket >= %(start_before)s and w.bucket < %(end_before)s
  )
group by 1
