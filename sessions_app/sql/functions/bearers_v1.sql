-- Bearers are looked up before anybody acts: by the hash of a secret and by nothing else.

-- An agent's token that is good now. Its last use is noted once a minute at most, so that a busy agent
-- does not write a row with each request.
create function find_agent_token(p_token_hash text)
  returns table (token_id uuid, project_id uuid, agent_type text, scopes varchar[])
  language plpgsql security definer set search_path = public, pg_temp
as $$
#variable_conflict use_column
begin
  update agent_tokens t set last_used_at = now()
  where t.token_hash = p_token_hash and t.revoked_at is null
    and (t.expires_at is null or t.expires_at > now())
    and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute');
  return query
    select t.id, t.project_id, t.agent_type::text, t.scopes
    from agent_tokens t
    where t.token_hash = p_token_hash and t.revoked_at is null
      and (t.expires_at is null or t.expires_at > now());
end
$$;

-- Use a socket's ticket up: whose it was, and for which project. Zero rows for one that is unknown,
-- used or over.
create function take_socket_ticket(p_secret_hash text)
  returns table (project_id uuid, user_id uuid, sign_in_id uuid, agent_token_id uuid)
  language sql security definer set search_path = public, pg_temp
as $$
  with taken as (
    delete from socket_tickets s where s.secret_hash = p_secret_hash returning s.*
  )
  select t.project_id, t.user_id, t.sign_in_id, t.agent_token_id from taken t where t.expires_at > now()
$$;
