-- About how many rows a table has, its partitions together, as of their last vacuum or analyze; below zero: nobody
-- knows yet.
select (case when bool_and(c.reltuples < 0) then -1 else sum(greatest(c.reltuples, 0)) end)::bigint as rows
from pg_class c
where c.relkind <> 'p' and (
  c.oid = to_regclass(%(table)s)
  or c.oid in (select i.inhrelid from pg_inherits i where i.inhparent = to_regclass(%(table)s))
)
