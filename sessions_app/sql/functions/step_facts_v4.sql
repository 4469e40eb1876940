-- What the suggested next steps and the blockers of the panel are made from, in one statement: for
-- each rule only as many rows as can be shown (p_most), those that rank first — the ranking itself is
-- insights/next_steps.py, and the orders here follow it.
-- What hangs on another row is found by its key, row by row (`limit 1`, `offset 0`): before a project that has
-- just been filled is analysed, a join is taken for one of single rows and reads all with all.
create or replace function get_step_facts(p_user uuid, p_project uuid, p_most integer)
  returns jsonb
  language sql stable
  -- Some hundreds of open blockers are looked up one by one: each is to be found, not looked for.
  set enable_seqscan = off
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
  questions_open as (
    select q.id, q.text, q.agent_type, q.created_at, q.blocks, q.version,
      r.frees, r.frees + r.helps as blocked_count
    from questions q
    join question_reach(p_project) r on r.question_id = q.id
    where q.project_id = p_project and q.status = 'open'
  ),
  listed_blockers as (
    select b.id, b.text, b.type, b.source, b.agent_type, b.created_at, b.version, b.item_id,
      b.question_id, b.raised_by_id, b.waits_for_id, b.waits_until,
      -- How many exploring items it stops.
      (
        select count(*)
        from blocker_items bi
        cross join lateral (
          select from items x where x.id = bi.item_id and x.state = 'exploring' limit 1
        ) as i
        where bi.project_id = p_project and bi.blocker_id = b.id
      ) as blocked_count,
      -- Whoever left is named no more.
      exists (
        select from memberships m where m.project_id = p_project and m.user_id = b.waits_for_id
      ) as waits_for_member
    from blockers b
    where b.project_id = p_project and b.status = 'open'
  ),
  waited_for as (
    -- How many exploring items wait for each item, by a dependency or as somebody said.
    select b.item_id as id, count(distinct i.id) as n
    from listed_blockers b
    cross join lateral (
      select bi.item_id from blocker_items bi
      where bi.project_id = p_project and bi.blocker_id = b.id
      offset 0
    ) as bi
    cross join lateral (
      select x.id from items x where x.id = bi.item_id and x.state = 'exploring' limit 1
    ) as i
    where b.item_id is not null
    group by b.item_id
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
      -- The one under way, or the last that ended: they do not overlap, so it has the latest. Asked for the
      -- highest of all, PostgreSQL may read everybody's here.
      select s.last_activity from user_sessions s
      where s.user_id = p_user and s.project_id = p_project
      order by s.session_end desc
      limit 1
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
        select i.id, i.title, i.changed_at, i.version, waited_for.n as waiting_count
        from waited_for
        cross join lateral (
          select * from items x where x.id = waited_for.id and x.state = 'exploring' limit 1
        ) as i
        order by i.id in (select id from marked) desc, waited_for.n desc, i.changed_at, i.id
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
          -- Somebody else's turn, or a day's, or another step: nothing to do about it here.
          and not b.waits_for_member and b.waits_until is null
          and not (
            b.blocked_count > 0
            -- `exists` would be asked of all that is explored here at once.
            and (select i.state = 'exploring' from items i where i.id = b.item_id) is true
          )
        order by b.id in (select id from marked) desc, (b.blocked_count > 0) desc, b.type = 'information' desc, b.blocked_count desc,
          b.created_at, b.id
        limit (select n from most)
      ) as x
    ),
    -- This person's own, nobody else's: an agent (no p_user) has none.
    'waitsForYou', (
      select coalesce(jsonb_agg(to_jsonb(x)), '[]') from (
        select b.id, b.text, b.created_at, b.blocked_count, b.version,
          coalesce(nullif(u.display_name, ''), u.email, '') as raised_by
        from listed_blockers b
        left join users u on u.id = b.raised_by_id and u.id <> p_user
        where b.waits_for_id = p_user
        order by b.id in (select id from marked) desc, b.blocked_count desc, b.created_at, b.id
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
    'contested', (
      select coalesce(jsonb_agg(to_jsonb(i)), '[]') from (
        select i.id, i.title, i.version, coalesce(i.contested_at, i.review_due_at) as contested_at,
          coalesce(nullif(u.display_name, ''), u.email, '') as contested_by
        from items i
        left join users u on u.id = i.contested_by_id
        where i.project_id = p_project and i.state = 'decided'
          and (i.contested_at is not null or i.review_due_at is not null)
        order by i.id in (select id from marked) desc, coalesce(i.contested_at, i.review_due_at), i.id
        limit (select n from most)
      ) as i
    ),
    'activeBlockers', (
      select coalesce(jsonb_agg(to_jsonb(x)), '[]') from (
        select b.id, b.text, b.type, b.source, b.agent_type, b.created_at as since,
          b.item_id, b.blocked_count, b.waits_until,
          -- Of an agent's or a dependency's blocker all these are null.
          (
            select jsonb_build_object('id', u.id, 'name', coalesce(nullif(u.display_name, ''), u.email))
            from users u where u.id = b.raised_by_id
          ) as raised_by,
          (
            select jsonb_build_object(
              'id', u.id, 'name', coalesce(nullif(u.display_name, ''), u.email),
              'is_member', b.waits_for_member
            )
            from users u where u.id = b.waits_for_id
          ) as waits_for,
          (
            select jsonb_build_object('id', i.id, 'title', i.title)
            from items i where i.id = b.item_id and b.source = 'person'
          ) as waits_on,
          -- Only a question that can still be answered: the panel offers the way there.
          (select q.id from questions q where q.id = b.question_id and q.status = 'open') as question_id,
          (
            select coalesce(jsonb_agg(to_jsonb(named)), '[]') from (
              select i.id, i.title
              from blocker_items bi
              cross join lateral (
                select * from items x where x.id = bi.item_id and x.state = 'exploring' limit 1
              ) as i
              where bi.project_id = p_project and bi.blocker_id = b.id
              order by i.changed_at, i.id
              limit 3
            ) as named
          ) as items
        from listed_blockers b
        order by (b.waits_for_id = p_user) is true desc, b.blocked_count desc, b.created_at, b.id
        limit 20
      ) as x
    )
  )
$$;
