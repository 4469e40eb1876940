drop function release_digested(uuid, uuid[]);
drop function fold_waiting_input(uuid[], uuid, integer, timestamptz);
drop function mine_of(uuid[]);
