-- How long each decision of a project stood, and what ended it. A life begins where an item comes to be
-- decided; deciding it again in other words goes on with it. It ends where the item leaves that state, or
-- where the decision that took its place was made.
with moves as (
  select a.item_id, a.id, a.kind, a.created_at,
    lag(a.kind) over item is distinct from 'item.decided' as begins
  from activities a
  where a.project_id = %(project)s and a.item_id is not null
    and a.kind in ('item.decided', 'item.explored', 'item.parked', 'item.deleted')
  window item as (partition by a.item_id order by a.id)
),
lives as (
  select m.item_id, m.created_at as began, ended.kind, ended.created_at as ended
  from moves m
  left join lateral (
    select e.kind, e.created_at from activities e
    where e.project_id = %(project)s and e.item_id = m.item_id and e.id > m.id
      and e.kind in ('item.explored', 'item.parked', 'item.deleted')
    order by e.id
    limit 1
  ) as ended on true
  where m.kind = 'item.decided' and m.begins
)
select
  extract(epoch from coalesce(replaced.at, l.ended, %(now)s) - l.began)::float8 as stood_seconds,
  case
    when replaced.at is not null then 'superseded'
    when l.kind is null then 'stands'
    when l.kind = 'item.explored' then 'reopened'
    else 'left'
  end as "end"
from lives l
left join items i on i.id = l.item_id and i.project_id = %(project)s
left join lateral (
  select n.created_at as at from activities n
  where n.project_id = %(project)s and n.item_id = i.superseded_by_id and n.kind = 'item.decided'
    and n.created_at >= l.began and (l.ended is null or n.created_at <= l.ended)
  order by n.id
  limit 1
) as replaced on i.superseded_by_id is not null
