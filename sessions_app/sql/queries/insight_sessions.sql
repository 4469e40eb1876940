-- What a page of figures needs of the sessions of two periods, in one pass over their roll-ups: of each measure
-- its numbers, in order; and of each step of a period (`at`, from 1) how many sessions, of how many people, the
-- seconds they were open and active, the items decided. Beside them the waits of a project's answered questions.
with chosen as materialized (
  select r.*, r.bucket >= %(start)s as is_now
  from session_rollups r
  where (%(project)s::uuid is null or r.project_id = %(project)s)
    and (%(user)s::uuid is null or r.user_id = %(user)s)
    and (
      r.bucket >= %(start)s and r.bucket < %(end)s
      or r.bucket >= %(start_before)s and r.bucket < %(end_before)s
    )
),
visits as (
  select is_now, sum(sessions)::bigint as n
  from chosen
  group by is_now, user_id, width_bucket(
    bucket, case when is_now then %(days)s::timestamptz[] else %(days_before)s::timestamptz[] end
  )
)
select is_now, what, 0 as at, array_agg(n::bigint order by n) as numbers
from chosen
cross join lateral (values
  ('sessionLength', span_seconds), ('activeTime', active_seconds), ('timeBetween', gap_seconds),
  ('resumptionLag', lag_seconds), ('itemsDecided', items_decided)
) as measure (what, numbers)
cross join unnest(measure.numbers) as n
group by is_now, what
union all
select is_now, 'sessionsPerDay', 0, array_agg(n order by n) from visits group by is_now
union all
select is_now, 'step', at, array[
  sum(sessions),
  count(distinct user_id),
  sum((select coalesce(sum(n), 0) from unnest(span_seconds) as n)),
  sum((select coalesce(sum(n), 0) from unnest(active_seconds) as n)),
  sum((select coalesce(sum(n), 0) from unnest(items_decided) as n))
]::bigint[]
from chosen
cross join lateral width_bucket(
  bucket, case when is_now then %(steps)s::timestamptz[] else %(steps_before)s::timestamptz[] end
) as at
group by is_now, at
union all
select w.bucket >= %(start)s, 'timeToAnswer', 0, array_agg(n::bigint order by n)
from work_rollups w
cross join unnest(w.wait_seconds) as n
where w.project_id = %(project)s and w.kind = 'question.answered'
  and (
    w.bucket >= %(start)s and w.bucket < %(end)s
    or w.bucket >= %(start_before)s and w.bucket < %(end_before)s
  )
group by 1
