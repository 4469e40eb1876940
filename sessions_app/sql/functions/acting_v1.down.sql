drop function my_projects();
drop function acting_admin();
drop function acting_projects();
drop function acting_agent_token();
drop function acting_user();
