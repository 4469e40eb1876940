-- A project as it was at a version, rebuilt from the ledger: the fold of each item's rows up to there.
-- One page of its items in the order of their ids, with the counts of all of them on each row; one row
-- without an item where the page is empty.
with moves as (
  select distinct on (a.item_id) a.item_id, a.kind, a.version,
    a.data ->> 'reason' as reason, a.data ->> 'outcome' as outcome
  from activities a
  where a.project_id = %(project)s and a.item_id is not null and a.version <= %(version)s
    and a.kind in ('item.added', 'item.decided', 'item.parked', 'item.explored', 'item.deleted')
  order by a.item_id, a.id desc
),
there as (
  select m.item_id, m.version,
    case m.kind when 'item.decided' then 'decided' when 'item.parked' then 'parked' else 'exploring' end
      as state,
    m.reason, m.outcome
  from moves m
  where m.kind <> 'item.deleted'
),
counts as (
  select
    count(*) filter (where state = 'exploring') as exploring,
    count(*) filter (where state = 'decided') as decided,
    count(*) filter (where state = 'parked') as parked
  from there
),
page as (
  select * from there t
  where %(after)s::uuid is null or t.item_id > %(after)s::uuid
  order by t.item_id
  limit %(most)s
)
select p.item_id as id, p.state, p.version, counts.exploring, counts.decided, counts.parked,
  named.title,
  -- An import may have told another reason since.
  coalesce(named.reason, p.reason, '') as reason,
  coalesce(named.outcome, p.outcome, '') as outcome
from counts
left join page p on true
left join lateral (
  select a.data ->> 'title' as title,
    case when a.kind = 'item.edited' then a.data ->> 'reason' end as reason,
    case when a.kind = 'item.edited' then a.data ->> 'outcome' end as outcome
  from activities a
  where a.project_id = %(project)s and a.item_id = p.item_id and a.version <= %(version)s
    and a.data ? 'title'
    -- What an item waits for is told under its title of that moment, like everything else.
    and a.kind like 'item.%%'
  order by a.id desc
  limit 1
) as named on true
order by p.item_id
