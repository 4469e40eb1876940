drop function projects_found(uuid, boolean, text);
