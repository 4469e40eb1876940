-- A project as it was at a version, rebuilt from the ledger: the fold of each item's rows up to there.
-- One page of its items (of one state, or of all), those that moved last first, with the counts of all of
-- them on each row; one row without an item where the page is empty. Of the decided ones also how many a
-- person's panel told as decided since, whose last session had begun at `base` and ended at `last_end`
-- (NULL: there was none), and whose session then began at `current`.
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
    count(*) filter (where state = 'parked') as parked,
    count(*) filter (where state = 'decided' and version > coalesce(%(base)s::bigint, -1)) as decided_since,
    count(*) filter (where state = 'decided' and version > %(base)s::bigint and version <= %(last_end)s::bigint)
      as decided_last,
    count(*) filter (where state = 'decided' and version > %(current)s::bigint) as decided_this
  from there
),
page as (
  select * from there t
  where (%(state)s::text is null or t.state = %(state)s::text)
    and (%(after_version)s::bigint is null or (t.version, t.item_id) < (%(after_version)s, %(after_id)s::uuid))
  order by t.version desc, t.item_id desc
  limit %(most)s
)
select p.item_id as id, p.state, p.version, counts.*,
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
order by p.version desc, p.item_id desc
