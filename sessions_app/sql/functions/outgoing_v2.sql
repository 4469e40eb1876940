-- Old deliveries are found by whoever prunes, acting as the admin.
drop function projects_with_old_deliveries(timestamptz);
