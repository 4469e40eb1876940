drop function system_now(timestamptz, double precision);
