drop function raise_version(uuid);
drop function lock_project(uuid);
