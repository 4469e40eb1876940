drop function get_step_facts(uuid, uuid, integer);
