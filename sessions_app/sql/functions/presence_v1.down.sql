drop function who_is_here(uuid, timestamptz, interval);
