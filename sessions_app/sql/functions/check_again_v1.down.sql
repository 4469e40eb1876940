drop function check_again();
