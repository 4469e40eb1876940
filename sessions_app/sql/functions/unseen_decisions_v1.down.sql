drop function unseen_decisions(uuid, uuid, bigint);
