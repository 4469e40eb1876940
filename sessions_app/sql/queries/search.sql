-- A page of what was found in one project, best first, with where the words stand. Marked are the words by
-- two characters of no script (U+E000, U+E001), which are taken out of the texts before; "<" is replaced by
-- U+0001, since ts_headline() would take what follows it for a tag and leave it out. panels/search.py makes HTML
-- of it.
with asked as (
  select search_query(%(words)s, %(as_written)s, %(before)s, %(last)s) as query
),
page as (
  select f.*
  from search_project(
    %(project)s, (select query from asked), %(types)s::text[], %(hides_agents)s, %(most_ranked)s
  ) as f
  order by f.rank desc, f.at desc, f.id
  limit %(most)s offset %(skipped)s
),
read as (
  select p.*,
    coalesce(i.title, q.text, '') as title,
    coalesce(
      m.text,
      nullif(q.answer, ''),
      concat_ws(
        ' · ', nullif(i.outcome, ''), nullif(i.reason, ''), nullif(search_list(i.alternatives), ''),
        nullif(i.text, '')
      ),
      ''
    ) as body,
    coalesce(i.state, q.status, '') as state,
    coalesce(
      nullif(i.state_by_agent, ''), nullif(m.agent_type, ''), u.display_name, nullif(q.agent_type, ''), ''
    ) as who,
    u.id is null and coalesce(i.state_by_agent, m.agent_type, q.agent_type) <> '' as is_agent,
    coalesce(m.id, q.answer_message_id) as message_id
  from page p
  left join items i on p.type in ('item', 'decision') and i.id = p.id and i.project_id = %(project)s
  left join messages m on p.type = 'message' and m.id = p.id and m.project_id = %(project)s
  left join questions q on p.type = 'question' and q.id = p.id and q.project_id = %(project)s
  left join users u on u.id = coalesce(i.state_by_id, m.user_id, q.asked_by_id)
  where coalesce(i.id, m.id, q.id) is not null
)
select r.type, r.id, r.at, r.rank, r.state, r.who, r.is_agent, r.message_id,
  coalesce(
    nullif(marked.title_by_stem, plain.title),
    ts_headline('simple', plain.title, asked.query, options.whole)
  ) as title,
  case
    when position(U&'\E000' in marked.body_by_stem) > 0 then marked.body_by_stem
    when position(U&'\E000' in as_written.body) > 0 then as_written.body
    -- It is the title that fits: the beginning of the rest says what it is about.
    else left(plain.body, 240) || case when length(plain.body) > 240 then '…' else '' end
  end as snippet
from read r
cross join asked
cross join lateral (
  select
    translate(r.title, U&'<\E000\E001\0001', U&'\0001') as title,
    translate(r.body, U&'<\E000\E001\0001', U&'\0001') as body
) as plain
cross join lateral (
  select
    U&'HighlightAll=true, StartSel=\E000, StopSel=\E001' as whole,
    U&'MaxFragments=2, MinWords=8, MaxWords=24, FragmentDelimiter=" … ", StartSel=\E000, StopSel=\E001' as parts
) as options
cross join lateral (
  select
    ts_headline('english', plain.title, asked.query, options.whole) as title_by_stem,
    ts_headline('english', plain.body, asked.query, options.parts) as body_by_stem
) as marked
cross join lateral (
  select ts_headline('simple', plain.body, asked.query, options.parts) as body
) as as_written
order by r.rank desc, r.at desc, r.id
