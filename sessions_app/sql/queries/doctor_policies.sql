-- Tables of a project that are not guarded: row security off, or not forced on their owner.
select c.relname::text as name,
  case
    when not c.relrowsecurity then 'has no row security'
    else 'does not force row security on its owner'
  end as lacks
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and (
    c.relname in ('projects', 'idempotency_keys')
    or exists (
      select from pg_attribute a
      where a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped
    )
  )
  and not (c.relrowsecurity and c.relforcerowsecurity)
order by c.relname
