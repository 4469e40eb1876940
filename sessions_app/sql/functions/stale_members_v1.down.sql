drop function stale_members(uuid);
