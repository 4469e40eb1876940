-- For each of many programs at once: what a first answer to it is made from (first_answer), by its place in the list.
select a.place, to_jsonb(f)
from unnest(%(users)s::uuid[], %(projects)s::uuid[], %(sign_ins)s::uuid[])
  with ordinality as a (user_id, project_id, sign_in_id, place)
cross join lateral first_answer(a.user_id, a.project_id, a.sign_in_id, %(now)s, %(most)s) as f
