-- As before, and the person's tracked input with it: what a front end wrote there is theirs.
alter function erase_person(uuid) rename to erase_person_v1;

create function erase_person(p_user uuid) returns setof uuid
  language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  -- First: it judges who may, and takes the locks in the order of everywhere.
  return query select erase_person_v1(p_user);
  delete from tracked_activities t where t.user_id = p_user;
  delete from presences p where p.user_id = p_user;
end
$$;
