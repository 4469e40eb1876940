-- What the role that serves may do beyond what policies bind, and beyond sql/policies/grants_v1.sql.
select
  r.rolname as role,
  r.rolsuper or r.rolbypassrls as is_unbound,
  exists (
    select from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relowner = r.oid
  ) as owns_tables,
  coalesce((
    select pg_has_role(r.oid, c.relowner, 'member') from pg_class c where c.oid = to_regclass('public.projects')
  ), false) as may_become_owner,
  array(
    select c.relname::text from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and (
        has_table_privilege(r.oid, c.oid, 'truncate')
        or (
          c.relname in ('activities', 'project_counters', 'projects')
          and has_table_privilege(r.oid, c.oid, 'delete')
        )
        or (
          c.relname in ('activities', 'project_counters') and has_any_column_privilege(r.oid, c.oid, 'update')
        )
        or (c.relname = 'project_counters' and has_any_column_privilege(r.oid, c.oid, 'insert'))
      )
    order by c.relname
  ) as too_much_on
from pg_roles r where r.rolname = current_user
