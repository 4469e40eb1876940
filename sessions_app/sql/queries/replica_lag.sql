-- How many seconds a replica is behind, as far as it can know: 0 when it has played all that it received and
-- is still connected, else since when what it played last was committed. That alone would make it late
-- whenever the primary has nothing to do. A primary is never behind itself.
select
  case
    when not pg_is_in_recovery() then 0
    when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() and exists (select from pg_stat_wal_receiver) then 0
    else extract(epoch from clock_timestamp() - coalesce(pg_last_xact_replay_timestamp(), to_timestamp(0)))
  end::float as seconds
