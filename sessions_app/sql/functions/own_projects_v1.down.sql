drop function own_projects(uuid, boolean, text, boolean, timestamptz, uuid, integer);
