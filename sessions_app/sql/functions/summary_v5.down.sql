-- The whole SessionManager panel in one statement, for page, API, admin and psql alike.
--
-- Counts come from the counter row, "decided since" from an index range whose cost grows with what
-- changed, steps and blockers from the analytics row (with the versions it was computed at). NULL
-- without the right to see it: the function runs with its caller's rights, and a person sees their
-- own summary only.
create or replace function get_session_summary(p_user uuid, p_project uuid, p_now timestamptz default now())
  returns jsonb
  language sql stable
  -- Planned once a connection (from PostgreSQL 18 on, that is): to plan it anew costs several times what it costs to
  -- run. By indexes, as the plan may have been made while the tables were small.
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
as $$
  with me as (
    select m.version as member_version, m.caught_up_version, m.caught_up_at,
      m.caught_up_version is distinct from m.caught_up_version_before as may_undo,
      c.version, c.decided, c.exploring, c.parked,
      c.questions_open, c.blockers_open
    from memberships m
    join project_counters c on c.project_id = m.project_id
    where m.user_id = p_user and m.project_id = p_project
      and (acting_user() is null or acting_user() = p_user)
  ),
  spans as (
    -- The last ended session and the one under way; a span that is not there is NULL.
    select
      last_one.session_end as last_end,
      last_one.end_version as last_end_version,
      (last_one.snapshot_at_start ->> 'version')::bigint as last_start_version,
      -- What others decided after it, this person has not seen: see unseen_decisions.
      coalesce(me.caught_up_version, (last_one.snapshot_at_start ->> 'version')::bigint) as unseen_base,
      -- From where "decided" below counts. A column here, because policies come before any comparison with
      -- an expression like this, and an index is of no use then.
      coalesce(
        (last_one.snapshot_at_start ->> 'version')::bigint,
        (this_one.snapshot_at_start ->> 'version')::bigint,
        9223372036854775807
      ) as counted_base,
      this_one.session_start as this_start,
      (this_one.snapshot_at_start ->> 'version')::bigint as this_start_version
    from me
    left join lateral (
      select s.session_end, s.end_version, s.snapshot_at_start
      from user_sessions s
      where s.user_id = p_user and s.project_id = p_project and not s.is_active
      order by s.session_end desc, s.session_start desc
      limit 1
    ) as last_one on true
    left join lateral (
      select s.session_start, s.snapshot_at_start
      from user_sessions s
      where s.user_id = p_user and s.project_id = p_project and s.is_active
      limit 1
    ) as this_one on true
  ),
  decided as (
    -- Without an ended session everything decided counts, which the counter row knows already:
    -- then only this session's part is counted here.
    select counts.*
    from spans
    cross join lateral (
      select
        count(*) as counted,
        count(*) filter (where i.decided_version <= spans.last_end_version) as last_session,
        count(*) filter (where i.decided_version > spans.this_start_version) as this_session,
        count(*) filter (
          where i.decided_version > spans.last_end_version and i.state_by_agent <> ''
        ) as by_agents
      from items i
      where i.project_id = p_project
        and i.state = 'decided'
        and i.decided_version > spans.counted_base
    ) as counts
  ),
  since as (
    select
      case when spans.last_end is null then me.decided else decided.counted end as total,
      decided.last_session,
      decided.this_session,
      decided.by_agents
    from me, spans, decided
  ),
  unseen as (
    -- Counted, and told apart from that: after a long absence they are many, of which five are read.
    select
      (
        select count(*)
        from spans
        cross join lateral unseen_decisions(p_user, p_project, spans.unseen_base)
      ) as total,
      (
        select coalesce(
          jsonb_agg(
            jsonb_build_object(
              'id', i.id,
              'title', i.title,
              'reason', i.reason,
              'outcome', i.outcome,
              'decidedVersion', i.decided_version,
              'at', i.state_changed_at,
              'by', coalesce(
                nullif(i.state_by_agent, ''), nullif(w.display_name, ''), w.email,
                nullif(array_to_string(i.import_people, ', '), ''), 'Leftoff'
              ),
              'byAgent', i.state_by_agent <> '',
              'isContested', i.contested_at is not null
            )
            order by i.decided_version desc, i.id desc
          ),
          '[]'
        )
        from (
          select d.*
          from spans
          cross join lateral unseen_decisions(p_user, p_project, spans.unseen_base) as d
          order by d.decided_version desc, d.id desc
          limit 5
        ) as i
        left join users w on w.id = i.state_by_id
      ) as first_ones
  )
  select jsonb_build_object(
    'lastSession', coalesce(time_since_words(spans.last_end, p_now), 'first session'),
    'lastSessionEnd', spans.last_end,
    'lastSessionStartVersion', spans.last_start_version,
    'lastSessionEndVersion', spans.last_end_version,
    'sessionStart', spans.this_start,
    'sessionStartVersion', spans.this_start_version,
    'itemsDecided', since.total,
    'itemsDecidedSplit', jsonb_build_object(
      'lastSession', since.last_session,
      'away', since.total - since.last_session - since.this_session,
      'thisSession', since.this_session
    ),
    'itemsDecidedByAgents', since.by_agents,
    -- How often something was taken up again since the last session ended; grows with what changed,
    -- like the split.
    'itemsReopened', (
      select count(*)
      from activities r
      where r.project_id = p_project and r.version > spans.last_end_version and r.kind = 'item.explored'
    ),
    -- The last thing this person did in their last session: of its last transaction the first row,
    -- the others follow from it.
    'lastTouched', (
      select jsonb_build_object(
        'kind', t.kind,
        'subject', coalesce(i.title, t.data ->> 'title', t.data ->> 'text', ''),
        'itemId', i.id
      )
      from activities t
      left join items i on i.id = t.item_id and i.project_id = p_project
      where t.project_id = p_project
        and t.version > spans.last_start_version and t.version <= spans.last_end_version
        -- Said so that no index answers it: that one has all that this person ever did, anywhere.
        and (t.actor_id = p_user) is true
        and t.kind like any ('{item.%,question.%,blocker.%}') and t.kind not like 'item.waits%'
      order by t.version desc, t.id
      limit 1
    ),
    'caughtUpVersion', me.caught_up_version,
    'caughtUpAt', me.caught_up_at,
    'caughtUpMayUndo', me.may_undo,
    'decisionsUnseenBase', spans.unseen_base,
    'decisionsUnseen', unseen.total,
    'firstDecisionsUnseen', unseen.first_ones,
    'itemsExploring', me.exploring,
    'itemsParked', me.parked,
    'totalDecided', me.decided,
    'currentDecided', me.decided,
    'currentExploring', me.exploring,
    'currentParked', me.parked,
    'totalItems', me.decided + me.exploring + me.parked,
    'pendingQuestions', me.questions_open,
    'openBlockers', me.blockers_open,
    'suggestedNextSteps', coalesce(a.suggested_next_steps, '[]'::jsonb),
    'hiddenSteps', coalesce(a.hidden_steps, '[]'::jsonb),
    'activeBlockers', coalesce(a.active_blockers, '[]'::jsonb),
    -- What others left at the end of their sessions, until one has had a session after it.
    'handOffs', (
      select coalesce(jsonb_agg(to_jsonb(left_here)), '[]') from (
        select h.id, h.user_id as by_id, coalesce(nullif(u.display_name, ''), u.email) as by, h.text, h.created_at as at
        from hand_offs h
        join users u on u.id = h.user_id
        where h.project_id = p_project and h.user_id <> p_user
          and h.version > greatest(spans.last_end_version, me.caught_up_version, -1)
        order by h.version desc, h.id desc
        limit 2
      ) as left_here
    ),
    'version', me.version,
    'memberVersion', me.member_version,
    'computedVersion', a.computed_version,
    'computedMemberVersion', a.computed_member_version
  )
  from me
  cross join spans
  cross join since
  cross join unseen
  left join session_analytics a on a.user_id = p_user and a.project_id = p_project
$$;
