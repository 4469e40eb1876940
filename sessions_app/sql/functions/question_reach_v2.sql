-- How far an answer to each open question of a project reaches, in exploring items: `frees` would have
-- nothing open left that holds them up, `helps` are held up by something else too. What holds an item up
-- is an open question that names it or an open blocker that stops it; a blocker that hangs on an open
-- question goes with the answer, so the question stands for it. Steps, page, API and briefing all ask this.
create or replace function question_reach(p_project uuid)
  returns table (question_id uuid, frees integer, helps integer)
  language sql stable
as $$
  with holds as (
    select qi.item_id, q.id as holder
    from questions q
    join question_items qi on qi.question_id = q.id and qi.project_id = p_project
    where q.project_id = p_project and q.status = 'open'
    union
    select bi.item_id, coalesce(q.id, b.id)
    from blockers b
    join blocker_items bi on bi.blocker_id = b.id and bi.project_id = p_project
    left join questions q on q.id = b.question_id and q.status = 'open'
    where b.project_id = p_project and b.status = 'open'
  ),
  held as (
    select holds.holder, i.id as item_id, count(*) over (partition by i.id) as holders
    from holds
    cross join lateral (
      -- Each by its key: a join would read all that is explored here.
      select x.id from items x where x.id = holds.item_id and x.state = 'exploring' limit 1
    ) as i
  )
  select q.id,
    (count(held.item_id) filter (where held.holders = 1))::integer,
    (count(held.item_id) filter (where held.holders > 1))::integer
  from questions q
  left join held on held.holder = q.id
  where q.project_id = p_project and q.status = 'open'
  group by q.id
$$;
