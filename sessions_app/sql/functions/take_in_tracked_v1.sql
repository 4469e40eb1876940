-- Take in a batch of tracked events, of any people and projects (a JSON array of objects): a row each, and what
-- became of each by its place in the batch (from 1): 'accepted', 'seen before' (its id counts once) or 'another
-- body' (its id came with another one); whose person is no member of its project is left out, and nothing of it
-- is kept.
--
-- Runs as whoever acts, bound by row security: one person for their own events, or, with `p_by_system`, the system
-- for the projects the batch names, to the end of the transaction. A batch of several people needs the latter, for
-- one transaction has one acting person; that each is a member is asked here. A SECURITY DEFINER function would
-- come to the same without the net below it. Whose events they are is the caller's to know; where it knows it by
-- a sign-in, that must still stand as it was found.
--
-- A function, so that who acts and what is done are one statement, and one way to the server and back.
create function take_in_tracked(p_events json, p_now timestamptz, p_by_system boolean)
  returns table (place bigint, outcome text)
  language plpgsql
as $$
#variable_conflict use_column
begin
  if p_by_system then
    perform set_config(
      'app.projects',
      (select array_agg(distinct (e->>'project_id')::uuid)::text from json_array_elements(p_events) e),
      true
    );
  end if;
  return query
  with told as materialized (
    select e.*, c.version,
      -- By this an id that is new is told from one that was there: also from one that comes twice in a batch.
      case when e.event_id is not null then nextval('seen_events_id_seq') end as new_id
    from rows from (
      json_to_recordset(p_events) as (
        user_id uuid, project_id uuid, event_id uuid, kind text, metadata text, body_hash text,
        sign_in_id uuid, sign_in_state text
      )
    ) with ordinality as e (
      user_id, project_id, event_id, kind, metadata, body_hash, sign_in_id, sign_in_state, place
    )
    join memberships m on m.project_id = e.project_id and m.user_id = e.user_id
    join project_counters c on c.project_id = e.project_id
    where e.sign_in_id is null or sign_in_state(e.user_id, e.sign_in_id) = e.sign_in_state
  ),
  noted as (
    insert into seen_events as s (id, project_id, actor, event_id, body_hash, created_at)
    -- In one order: two batches with the same ids would otherwise wait for each other.
    select distinct on (t.project_id, t.user_id, t.event_id)
      t.new_id, t.project_id, t.user_id::text, t.event_id, t.body_hash, p_now
    from told t
    where t.event_id is not null
    order by t.project_id, t.user_id, t.event_id, t.place
    -- Of two at once the second waits for the first one's commit, and is then told what that one holds.
    on conflict (project_id, actor, event_id) do update set body_hash = s.body_hash
    returning s.id, s.project_id, s.actor, s.event_id, s.body_hash
  ),
  judged as (
    select t.*,
      case
        when t.event_id is null or n.id = t.new_id then 'accepted'
        when n.body_hash = t.body_hash then 'seen before'
        else 'another body'
      end as outcome
    from told t
    left join noted n
      on n.project_id = t.project_id and n.actor = t.user_id::text and n.event_id = t.event_id
  ),
  taken as (
    insert into tracked_activities (project_id, user_id, event_id, kind, metadata, version, received_at)
    select j.project_id, j.user_id, j.event_id, j.kind, j.metadata::jsonb, j.version, p_now
    from judged j
    where j.outcome = 'accepted'
    order by j.place
  )
  select j.place, j.outcome from judged j;
end
$$;
