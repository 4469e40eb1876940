-- What the role that serves may do beyond what policies bind.
select
  r.rolname as role,
  r.rolsuper or r.rolbypassrls as is_unbound,
  exists (
    select from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relowner = r.oid
  ) as owns_tables,
  coalesce((
    select pg_has_role(r.oid, c.relowner, 'member') from pg_class c where c.oid = to_regclass('public.projects')
  ), false) as may_become_owner,
  array(
    select c.relname::text from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and (
        has_table_privilege(r.oid, c.oid, 'truncate')
        or (c.relname in ('activities', 'project_counters') and has_table_privilege(r.oid, c.oid, 'update'))
      )
    order by c.relname
  ) as too_much_on
from pg_roles r where r.rolname = current_user
