drop function claim_digests(uuid, integer, integer, uuid[]);
