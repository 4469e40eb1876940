-- Delete a project with all that belongs to it, ledger included: the one way a ledger row ends.
-- Only for an owner, the admin, or the system acting for this project.
create or replace function erase_project(p_project uuid) returns void
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  if not (
    acting_admin()
    or p_project = any(acting_projects())
    or exists (
      select from memberships m
      where m.project_id = p_project and m.user_id = acting_user() and m.role = 'owner'
    )
  ) then
    raise exception 'only an owner may delete a project' using errcode = 'insufficient_privilege';
  end if;
  -- The digester has this row before all others: it finishes first, and begins no more. Also where it never began: else
  -- it would in the middle of this, and the two wait for each other. A claim passes over what is locked so.
  perform pg_advisory_xact_lock(hashtextextended('first digest of ' || p_project, 0));
  insert into project_digests (project_id, tries, failure) values (p_project, 0, '') on conflict do nothing;
  perform from project_digests d where d.project_id = p_project for update;
  -- Memberships before the project, as everywhere: whoever acts here now finishes first.
  perform from memberships m where m.project_id = p_project order by m.id for update;
  perform lock_project(p_project);
  -- Whoever fills the roll-ups has this row, and finishes first.
  perform from rollup_fills f where f.project_id = p_project for update;
  delete from session_rollups where project_id = p_project;
  delete from work_rollups where project_id = p_project;
  delete from decision_lives where project_id = p_project;
  delete from rollup_fills where project_id = p_project;
  delete from intake_refusals where project_id = p_project;
  delete from decision_looks where project_id = p_project;
  delete from hand_offs where project_id = p_project;
  delete from step_marks where project_id = p_project;
  delete from session_analytics where project_id = p_project;
  delete from analytics_checks where project_id = p_project;
  delete from user_sessions where project_id = p_project;
  delete from socket_tickets where project_id = p_project;
  delete from webhook_deliveries where project_id = p_project;
  delete from webhooks where project_id = p_project;
  delete from presences where project_id = p_project;
  delete from tracked_activities where project_id = p_project;
  delete from seen_events where project_id = p_project;
  delete from agent_activities where project_id = p_project;
  delete from activities where project_id = p_project;
  delete from blocker_items where project_id = p_project;
  delete from blockers where project_id = p_project;
  delete from question_items where project_id = p_project;
  delete from questions where project_id = p_project;
  delete from messages where project_id = p_project;
  delete from item_dependencies where project_id = p_project;
  delete from items where project_id = p_project;
  delete from agent_tokens where project_id = p_project;
  delete from invitations where project_id = p_project;
  -- What came in meanwhile, by those who take no lock above: from here on they wait, and find no project. Not sooner,
  -- for a batch that waits here holds events of other projects too.
  perform from projects p where p.id = p_project for update;
  delete from socket_tickets where project_id = p_project;
  delete from presences where project_id = p_project;
  delete from project_digests where project_id = p_project;
  delete from intake_refusals where project_id = p_project;
  delete from tracked_activities where project_id = p_project;
  delete from seen_events where project_id = p_project;
  delete from agent_activities where project_id = p_project;
  -- Before the memberships: while the counter row stands, a project needs an owner.
  delete from project_counters where project_id = p_project;
  delete from memberships where project_id = p_project;
  delete from projects where id = p_project;
end
$$;
