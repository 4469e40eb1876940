-- How long each decision of a project stood, and what ended it. A life begins where an item comes to be
-- decided; deciding it again in other words goes on with it. It ends where the item leaves that state: a later
-- decision that takes its place parks it and says so.
with moves as (
  select a.item_id, a.id, a.kind, a.created_at,
    lag(a.kind) over item is distinct from 'item.decided' as begins
  from activities a
  where a.project_id = %(project)s and a.item_id is not null
    and a.kind in ('item.decided', 'item.explored', 'item.parked', 'item.deleted')
  window item as (partition by a.item_id order by a.id)
)
select
  extract(epoch from coalesce(ended.created_at, %(now)s) - m.created_at)::float8 as stood_seconds,
  case
    when ended.kind is null then 'stands'
    when ended.kind = 'item.explored' then 'reopened'
    when ended.is_superseded then 'superseded'
    else 'left'
  end as "end"
from moves m
left join lateral (
  select e.kind, e.created_at, e.data -> 'superseded_by' ->> 'id' is not null as is_superseded
  from activities e
  where e.project_id = %(project)s and e.item_id = m.item_id and e.id > m.id
    and e.kind in ('item.explored', 'item.parked', 'item.deleted')
  order by e.id
  limit 1
) as ended on true
where m.kind = 'item.decided' and m.begins
