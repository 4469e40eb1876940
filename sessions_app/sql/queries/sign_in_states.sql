-- For each of many programs at once: what signs their person in (sign_in_state), by their place in the list.
select a.place, sign_in_state(a.user_id, a.sign_in_id)
from unnest(%(users)s::uuid[], %(sign_ins)s::uuid[]) with ordinality as a (user_id, sign_in_id, place)
