drop function find_agent_token(text);
drop function take_socket_ticket(text);
