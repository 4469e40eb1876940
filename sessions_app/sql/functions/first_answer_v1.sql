-- What a first answer to a program of one person about one project is made from, for the hot door: what it hangs
-- on (answer_state), the state of the sign-in by itself, and the summary; where the steps in it look old, also what
-- new ones are made from (whether they are old, services/analytics.py says). All is NULL for whom there is nothing.
--
-- The state comes first, and each statement in here sees what was committed before it: an answer may be newer than
-- the state it is kept by, which then is never found again, but not older.
create function first_answer(
  p_user uuid, p_project uuid, p_sign_in uuid, p_now timestamptz, p_most integer,
  out state text, out sign_in text, out summary jsonb, out facts jsonb
)
  language plpgsql
  -- It is asked on few connections, again and again: to plan the steps' facts anew costs more than to find them.
  set plan_cache_mode = force_generic_plan
as $$
begin
  sign_in := sign_in_state(p_user, p_sign_in);
  -- From here on the person acts.
  state := answer_state(p_user, p_project, p_sign_in, null, false, null, null, null);
  if state is null then
    return;
  end if;
  summary := get_session_summary(p_user, p_project, p_now);
  if (summary -> 'computedVersion', summary -> 'computedMemberVersion')
    is distinct from (summary -> 'version', summary -> 'memberVersion')
  then
    facts := get_step_facts(p_user, p_project, p_most);
  end if;
end
$$;
