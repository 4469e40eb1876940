drop function erase_person(uuid);
alter function erase_person_v3(uuid) rename to erase_person;
