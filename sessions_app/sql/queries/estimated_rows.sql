-- About how many rows a table has, as of its last vacuum or analyze; below zero: nobody knows yet.
select reltuples::bigint as rows from pg_class where oid = to_regclass(%(table)s)
