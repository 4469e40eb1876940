drop function answer_state(uuid, uuid, uuid, text, boolean, interval);
