-- Whether one item waits for another, directly or through others: by a dependency, or by an open blocker that
-- stops the one until the other is decided.
with recursive reached(id) as (
  select %(waiting)s::uuid
  union
  select edge.blocking_id
  from reached
  join lateral (
    select d.blocking_id from item_dependencies d where d.waiting_id = reached.id
    union all
    select b.item_id
    from blocker_items bi
    join blockers b on b.id = bi.blocker_id
    where bi.item_id = reached.id and b.status = 'open' and b.source = 'person' and b.item_id is not null
  ) as edge on true
)
select exists (
  select from reached where id = %(blocking)s::uuid and id <> %(waiting)s::uuid
) as waits
