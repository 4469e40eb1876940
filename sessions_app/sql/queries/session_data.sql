-- For each of many browsers at once: the signed session that its key is of, by its place in the list.
select k.place, s.session_data
from unnest(%(keys)s::text[]) with ordinality as k (session_key, place)
join django_session s on s.session_key = k.session_key and s.expire_date > now()
