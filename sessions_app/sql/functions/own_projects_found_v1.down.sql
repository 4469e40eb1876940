drop function own_projects_found(uuid, boolean, text);
