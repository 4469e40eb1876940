drop function question_reach(uuid);
