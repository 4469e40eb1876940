drop function get_time_since_last_session(uuid, uuid, timestamptz);
drop function time_since_words(timestamptz, timestamptz);
