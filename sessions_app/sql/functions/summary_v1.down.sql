drop function get_session_summary(uuid, uuid, timestamptz);
