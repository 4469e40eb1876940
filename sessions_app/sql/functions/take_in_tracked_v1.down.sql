drop function take_in_tracked(json, timestamptz, boolean);
