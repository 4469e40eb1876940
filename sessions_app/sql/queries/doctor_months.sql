-- Tables kept by months that have no partition for one of these moments.
select distinct d.parent as name
from partitions_kept() as d, unnest(%(moments)s) as m (moment)
where not exists (
  select from partitions_kept() as k
  where k.parent = d.parent and k.until > m.moment and (k.since is null or k.since <= m.moment)
)
order by 1
