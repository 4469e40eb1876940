drop function resume_session(uuid, uuid, timestamptz, timestamptz);
