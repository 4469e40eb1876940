drop function recount_project(uuid);
