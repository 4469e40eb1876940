drop function projects_with_deliveries(timestamptz);
drop function projects_with_old_deliveries(timestamptz);
drop function projects_with_unheard_messages();
drop function projects_to_seek_gaps_in(timestamptz);
