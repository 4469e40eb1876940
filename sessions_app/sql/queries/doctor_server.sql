-- The server's version, its clock, and the size of this database in bytes.
select current_setting('server_version_num')::integer / 10000 as major,
  current_setting('server_version') as version,
  clock_timestamp() as now,
  pg_database_size(current_database()) as bytes
