-- Full-text search over the items, messages and questions of one project.
--
-- Each row carries its words (`search`), kept by the database with the row: a deleted message, whose text is
-- emptied, has none. A word is there as its English stem ("roofs" finds "roof") and as it is written, so that
-- names and other languages are found too. And each row carries its project as a word of its own, which makes
-- the index of all projects one of this project.

create function search_words(p_text text, p_weight "char") returns tsvector
  language sql immutable parallel safe
  return setweight(
    to_tsvector('english'::regconfig, p_text) || to_tsvector('simple'::regconfig, p_text), p_weight
  );

-- array_to_string() is only stable, for types whose texts depend on settings; text does not.
create function search_list(p_texts text[]) returns text
  language sql immutable parallel safe
  return array_to_string(p_texts, ' ');

create function search_project_word(p_project uuid) returns text
  language sql immutable parallel safe
  return 'project:' || p_project;

alter table items add column search tsvector not null generated always as (
  search_words(title, 'A')
  || search_words(outcome || ' ' || reason || ' ' || search_list(alternatives), 'B')
  || search_words(text, 'C')
  || array_to_tsvector(array[search_project_word(project_id)])
) stored;
alter table messages add column search tsvector not null generated always as (
  search_words(text, 'C') || array_to_tsvector(array[search_project_word(project_id)])
) stored;
alter table questions add column search tsvector not null generated always as (
  search_words(text, 'A')
  || search_words(answer, 'B')
  || setweight(jsonb_to_tsvector('english'::regconfig, options, '["string"]'), 'C')
  || array_to_tsvector(array[search_project_word(project_id)])
) stored;

create index items_search on items using gin (search);
create index messages_search on messages using gin (search);
create index questions_search on questions using gin (search);

-- What insights/searching.py took apart, as a query: all the words, or all before the last and the last as
-- the beginning of one, so that typing finds. Whatever was typed, it is a query.
create function search_query(p_words text, p_as_written boolean, p_before text, p_last text) returns tsquery
  language sql immutable parallel safe
  return
    websearch_to_tsquery('english'::regconfig, p_words)
    || websearch_to_tsquery('simple'::regconfig, case when p_as_written then p_words else '' end)
    || case
      when p_last = '' then websearch_to_tsquery('simple'::regconfig, '')
      else
        (websearch_to_tsquery('english'::regconfig, p_before)
          && to_tsquery('simple'::regconfig, p_last || ':*'))
        || (websearch_to_tsquery('simple'::regconfig, case when p_as_written then p_before else '' end)
          && to_tsquery('simple'::regconfig, p_last || ':*'))
    end;

-- What matches in one project, with its rank. `p_types` of item, decision, message, question; of each table
-- the newest `p_most` that match are ranked.
--
-- SECURITY DEFINER, because row security makes an index on `search` useless: @@ is not leakproof, so the
-- policy is asked of every row first. EXPLAIN ANALYZE with 100,000 items and 100,000 messages in one project
-- beside 240,000 of others, as the run-time role: plain under the policies a scan of both tables, 480 to
-- 1,030 ms whatever one looks for; by this function 1 to 60 ms for a word of up to some thousand rows, and
-- about a second for one that is in nearly every row. It asks itself whose the project is and gives ids
-- only: whoever reads rows by them is judged by the policies again.
create function search_project(
  p_project uuid, p_query tsquery, p_types text[], p_hides_agents boolean, p_most integer
) returns table (type text, id uuid, rank real, at timestamptz)
  language sql stable security definer set search_path = public, pg_temp
as $$
  with mine as (
    select p_query && ('''' || search_project_word(p_project) || '''')::tsquery as query
    -- A query that only leaves words out, or has none, asks for nothing.
    where p_project in (select my_projects()) and querytree(p_query) not in ('', 'T')
  )
  select found.type, found.id, ts_rank(found.search, p_query, 1), found.at
  from (
    (
      select case when i.state = 'decided' then 'decision' else 'item' end as type,
        i.id, i.search, i.changed_at as at
      from items i
      where i.project_id = p_project and i.search @@ (select m.query from mine m)
        and case when i.state = 'decided' then 'decision' else 'item' end = any(p_types)
      order by i.changed_at desc, i.id
      limit p_most
    )
    union all
    (
      select 'message', c.id, c.search, c.created_at
      from messages c
      where c.project_id = p_project and c.search @@ (select m.query from mine m)
        and 'message' = any(p_types) and not (p_hides_agents and c.role = 'assistant')
      order by c.created_at desc, c.id
      limit p_most
    )
    union all
    (
      select 'question', q.id, q.search, q.created_at
      from questions q
      where q.project_id = p_project and q.search @@ (select m.query from mine m)
        and 'question' = any(p_types)
      order by q.created_at desc, q.id
      limit p_most
    )
  ) as found
$$;
