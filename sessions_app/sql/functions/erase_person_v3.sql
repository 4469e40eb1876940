-- As before, and all that lets programs act in the person's name or with a token they hold.
alter function erase_person(uuid) rename to erase_person_v2;

create function erase_person(p_user uuid) returns setof uuid
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  -- First: it judges who may, and takes the locks in the order of everywhere.
  return query select erase_person_v2(p_user);
  delete from socket_tickets t where t.user_id = p_user;
  delete from api_sign_ins s where s.user_id = p_user;
  delete from external_identities e where e.user_id = p_user;
  delete from idempotency_keys k where k.caller = 'user:' || p_user::text;
  update agent_tokens t set revoked_at = now() where t.created_by_id = p_user and t.revoked_at is null;
end
$$;
