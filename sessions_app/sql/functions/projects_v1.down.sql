drop function accept_invitation(text);
drop function find_invitation(text);
drop function erase_project(uuid);
