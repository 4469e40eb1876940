drop function true_analytics(uuid[], uuid, timestamptz);
