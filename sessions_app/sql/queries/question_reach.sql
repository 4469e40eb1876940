-- How far an answer to each open question reaches.
select question_id, frees, helps from question_reach(%(project)s)
