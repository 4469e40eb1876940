-- Functions that run with their owner's rights and can be led astray by a search path, or called by anybody.
select p.oid::regprocedure::text as name,
  case
    when f.is_public then 'may be called by every role'
    else 'looks tables up by its caller''s search path'
  end as lacks
from pg_proc p
cross join lateral (
  select
    exists (
      select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a where a.grantee = 0
    ) as is_public,
    'search_path=public, pg_temp' = any(coalesce(p.proconfig, '{}')) as is_fixed
) as f
where p.pronamespace = 'public'::regnamespace and p.prosecdef and (f.is_public or not f.is_fixed)
order by 1
