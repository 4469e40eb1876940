-- What an export of a project's decisions is made of, in short: while this stays, so does the export. The
-- version raises with whatever happens in the project; the names of those who decided change without it.
select database_epoch() as epoch, c.version, (
    select md5(string_agg(u.display_name, E'\n' order by u.id))
    from users u
    where u.id in (
      select a.actor_id from activities a where a.project_id = c.project_id and a.kind = 'item.decided'
      union
      select i.contested_by_id from items i where i.project_id = c.project_id and i.contested_at is not null
    )
  ) as names
from project_counters c
where c.project_id = %(project)s
