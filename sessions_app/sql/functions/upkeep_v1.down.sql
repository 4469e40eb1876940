drop function projects_with_upkeep(timestamptz, timestamptz);
