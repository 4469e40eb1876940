-- The number of every item that was ever decided, in the order of the first time. Rows of the ledger never
-- go, so a decision keeps its number for good.
select first.item_id as id, row_number() over (order by first.id) as number
from (
  select a.item_id, min(a.id) as id
  from activities a
  where a.project_id = %(project)s and a.kind = 'item.decided'
  group by a.item_id
) as first
