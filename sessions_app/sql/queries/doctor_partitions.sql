-- Partitions that somebody else than the owner can read or write past the policies of their table.
select c.relname::text as name, current_user::text as role,
  case
    when c.relrowsecurity and c.relforcerowsecurity then 'can be reached by ' || current_user
    else 'has no row security that binds everybody'
  end as lacks
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relispartition
  and (
    not (c.relrowsecurity and c.relforcerowsecurity)
    or has_table_privilege(current_user, c.oid, 'select, insert, update, delete')
  )
order by c.relname
