-- How often each kind of work was done in two periods, by whom; decisions by the stretch of the period (from 1).
select
  w.bucket >= %(start)s as is_now, w.kind, w.actor_kind,
  case
    when w.kind <> 'item.decided' then 0
    -- Selected, so that they are read from their text once and not for every row.
    when w.bucket >= %(start)s then width_bucket(w.bucket, (select %(stretches)s::timestamptz[]))
    else width_bucket(w.bucket, (select %(stretches_before)s::timestamptz[]))
  end as at,
  sum(w.times)::bigint as times
from work_rollups w
where w.project_id = %(project)s
  and w.kind = any(%(kinds)s)
  and (
    w.bucket >= %(start)s and w.bucket < %(end)s
    or w.bucket >= %(start_before)s and w.bucket < %(end_before)s
  )
group by 1, 2, 3, 4
