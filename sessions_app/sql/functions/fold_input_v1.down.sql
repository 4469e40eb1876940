drop function if exists release_digested(uuid, uuid[]);
drop function if exists fold_waiting_input(uuid[], uuid, integer, timestamptz);
drop function if exists mine_of(uuid[]);
