drop function answer_state(uuid, uuid, uuid, text, boolean, interval, timestamptz, interval);
drop function sign_in_state(uuid, uuid);
