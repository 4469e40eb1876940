drop function own_counted_until(uuid, timestamptz);
