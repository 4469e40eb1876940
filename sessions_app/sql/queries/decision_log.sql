-- The decision log, newest first: every "decided" of the ledger with what became of it. One that stands is
-- told as its item says it now (an import may have told more since), one that ended as the ledger has it.
-- A page costs its rows: the index activities_decided gives them in order, activities_of_item what ended each.
select
  a.id as activity_id, a.version, a.item_id,
  coalesce(i.title, a.data ->> 'title') as title,
  left(coalesce(i.text, ''), %(text_most)s) as text,
  case when fate.stands then i.reason else coalesce(a.data ->> 'reason', '') end as reason,
  case when fate.stands then i.outcome else coalesce(a.data ->> 'outcome', '') end as outcome,
  case when fate.stands then to_jsonb(i.alternatives) else coalesce(a.data -> 'alternatives', '[]'::jsonb) end
    as alternatives,
  -- A source dates what it brings; the ledger says when it came.
  case when fate.stands then i.state_changed_at else a.created_at end as decided_at,
  a.created_at as recorded_at,
  coalesce(nullif(a.actor_agent, ''), u.display_name, '') as decided_by,
  a.actor_kind as by,
  case when a.actor_kind = 'system' then to_jsonb(coalesce(i.import_people, '{}')) else '[]'::jsonb end as people,
  i.id is not null as is_there,
  coalesce(i.citation_quote, '') as quote, i.citation_message_id as message_id,
  case when fate.stands then i.review_at end as review_at,
  case when fate.stands then i.review_due_at end as review_due_at,
  case when fate.stands then i.contested_at end as contested_at,
  case when fate.stands then i.contest_reason else '' end as contest_reason,
  case when fate.stands then coalesce(contester.display_name, '') else '' end as contested_by,
  coalesce(replaced.list, '[]'::jsonb) as supersedes,
  later.id as superseded_by_id, later.title as superseded_by_title,
  case
    when fate.stands then 'stands'
    when ended.superseded_by is not null then 'superseded'
    when ended.kind = 'item.decided' then 'decided again'
    when ended.kind = 'item.explored' then 'reopened'
    when ended.kind = 'item.parked' then 'parked'
    else 'deleted'
  end as fate,
  ended.created_at as ended_at
from activities a
left join users u on u.id = a.actor_id
left join items i on i.id = a.item_id and i.project_id = a.project_id
left join users contester on contester.id = i.contested_by_id
left join lateral (
  select e.kind, e.created_at, (e.data -> 'superseded_by' ->> 'id')::uuid as superseded_by from activities e
  where e.project_id = a.project_id and e.item_id = a.item_id and e.id > a.id
    and e.kind in ('item.decided', 'item.explored', 'item.parked', 'item.deleted')
  order by e.id
  limit 1
) as ended on true
cross join lateral (select i.id is not null and ended.kind is null as stands) as fate
left join items later on later.id = ended.superseded_by and later.project_id = a.project_id
left join lateral (
  select jsonb_agg(jsonb_build_object('id', s.id, 'title', s.title) order by s.title, s.id) as list
  from items s
  where s.superseded_by_id = i.id and fate.stands
) as replaced on true
where a.project_id = %(project)s and a.kind = 'item.decided'
  and (%(history)s or fate.stands)
  and (%(by)s = '' or a.actor_kind = %(by)s)
  and (%(since)s::timestamptz is null or a.created_at >= %(since)s)
  and (%(until)s::timestamptz is null or a.created_at < %(until)s)
  and (
    %(words)s = ''
    or search_query(%(words)s, %(as_written)s, %(before)s, %(last)s) @@ case
      when fate.stands then i.search
      else search_words(concat_ws(' ', a.data ->> 'title', a.data ->> 'outcome', a.data ->> 'reason'), 'A')
    end
  )
  and (%(after_version)s::bigint is null or (a.version, a.id) < (%(after_version)s, %(after_id)s::bigint))
order by a.version desc, a.id desc
limit %(most)s
