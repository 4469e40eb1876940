drop function check_again(uuid, integer);
