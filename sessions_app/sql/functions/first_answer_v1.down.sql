drop function first_answer(uuid, uuid, uuid, timestamptz, integer);
