-- What the suggested next steps and the blockers of the panel are made from, in one statement: for
-- each rule only as many rows as can be shown (p_most), those that rank first — the ranking itself is
-- insights/next_steps.py, and the orders here follow it.
create or replace function get_step_facts(p_user uuid, p_project uuid, p_most integer)
  returns jsonb
  language sql stable
as $$
  with marks as (
    select k.step_id, k.kind, k.subject_version, k.until
    from step_marks k
    join memberships m on m.id = k.membership_id
    where m.user_id = p_user and m.project_id = p_project
  ),
  marked as (select split_part(marks.step_id, ':', 2)::uuid as id from marks),
  -- A marked step is not shown, the next one is: read so many more, and the marked ones first, so
  -- that each mark can be taken back.
  most as (select p_most + count(*) as n from marks),
  blocked as (
    -- How many exploring items each open blocker stops.
    select b.id, count(i.id) as n
    from blockers b
    left join blocker_items bi on bi.blocker_id = b.id and bi.project_id = p_project
    left join items i on i.id = bi.item_id and i.state = 'exploring'
    where b.project_id = p_project and b.status = 'open'
    group by b.id
  ),
  questions_open as (
    select q.id, q.text, q.agent_type, q.created_at, q.blocks, q.version,
      (
        select count(*) from question_items qi
        join items i on i.id = qi.item_id and i.state = 'exploring'
        where qi.question_id = q.id
      ) as blocked_count
    from questions q
    where q.project_id = p_project and q.status = 'open'
  ),
  listed_blockers as (
    select b.id, b.text, b.type, b.source, b.agent_type, b.created_at, b.version, b.item_id,
      b.question_id, blocked.n as blocked_count
    from blockers b
    join blocked on blocked.id = b.id
    where b.project_id = p_project and b.status = 'open'
  )
  select jsonb_build_object(
    'project', (
      select jsonb_build_object(
        'version', c.version, 'exploring', c.exploring, 'total', c.exploring + c.decided + c.parked
      )
      from project_counters c where c.project_id = p_project
    ),
    'memberVersion', (
      select m.version from memberships m where m.user_id = p_user and m.project_id = p_project
    ),
    'lastActivity', (
      select max(s.last_activity) from user_sessions s
      where s.user_id = p_user and s.project_id = p_project
    ),
    'marks', (select coalesce(jsonb_agg(to_jsonb(marks)), '[]') from marks),
    'questions', (
      select coalesce(jsonb_agg(to_jsonb(q)), '[]') from (
        select * from questions_open
        order by id in (select id from marked) desc, (blocks or blocked_count > 0) desc, blocked_count desc, created_at, id
        limit (select n from most)
      ) as q
    ),
    'waitedFor', (
      select coalesce(jsonb_agg(to_jsonb(w)), '[]') from (
        select i.id, i.title, i.changed_at, i.version, b.blocked_count as waiting_count
        from listed_blockers b
        join items i on i.id = b.item_id
        where b.source = 'dependency'
        order by i.id in (select id from marked) desc, b.blocked_count desc, i.changed_at, i.id
        limit (select n from most)
      ) as w
    ),
    'blockers', (
      select coalesce(jsonb_agg(to_jsonb(x)), '[]') from (
        select b.id, b.text, b.type, b.created_at, b.blocked_count, b.version,
          q.id is not null as has_open_question
        from listed_blockers b
        left join questions q on q.id = b.question_id and q.status = 'open'
        where b.source <> 'dependency' and q.id is null
        order by b.id in (select id from marked) desc, (b.blocked_count > 0) desc, b.type = 'information' desc, b.blocked_count desc,
          b.created_at, b.id
        limit (select n from most)
      ) as x
    ),
    'idle', (
      select coalesce(jsonb_agg(to_jsonb(i)), '[]') from (
        (
          select i.id, i.title, i.changed_at, i.version, 0 as waiting_count
          from items i
          where i.project_id = p_project and i.state = 'exploring'
          order by i.changed_at, i.id
          limit (select n from most)
        )
        union
        select i.id, i.title, i.changed_at, i.version, 0
        from items i
        join marked on marked.id = i.id
        where i.project_id = p_project and i.state = 'exploring'
      ) as i
    ),
    'woken', (
      select coalesce(jsonb_agg(to_jsonb(i)), '[]') from (
        select i.id, i.title, i.reason, i.state_changed_at, i.woke_at, i.version
        from items i
        where i.project_id = p_project and i.state = 'parked' and i.woke_at is not null
        order by i.id in (select id from marked) desc, i.woke_at, i.id
        limit (select n from most)
      ) as i
    ),
    'activeBlockers', (
      select coalesce(jsonb_agg(to_jsonb(x)), '[]') from (
        select b.id, b.text, b.type, b.source, b.agent_type, b.created_at as since,
          b.item_id, b.blocked_count,
          -- Only a question that can still be answered: the panel offers the way there.
          (select q.id from questions q where q.id = b.question_id and q.status = 'open') as question_id,
          (
            select coalesce(jsonb_agg(to_jsonb(named)), '[]') from (
              select i.id, i.title
              from blocker_items bi
              join items i on i.id = bi.item_id and i.state = 'exploring'
              where bi.blocker_id = b.id
              order by i.changed_at, i.id
              limit 3
            ) as named
          ) as items
        from listed_blockers b
        order by b.blocked_count desc, b.created_at, b.id
        limit 20
      ) as x
    )
  )
$$;

-- Rows stored by the function that goes name rules that the release before has no words for.
update session_analytics set computed_version = -1;
