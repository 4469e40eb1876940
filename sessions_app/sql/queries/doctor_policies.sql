-- Tables of a project that are not guarded: row security off, not forced on their owner, or nobody's policy.
select c.relname::text as name,
  case
    when not c.relrowsecurity then 'has no row security'
    when not c.relforcerowsecurity then 'does not force row security on its owner'
    else 'has no policy for the role that serves'
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
  and not (
    c.relrowsecurity and c.relforcerowsecurity
    and exists (select from pg_policy p where p.polrelid = c.oid and p.polroles <> array[c.relowner])
  )
order by c.relname
