drop function erase_person(uuid);
