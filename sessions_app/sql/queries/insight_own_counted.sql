-- Until when everything is counted of each of a person's projects (functions/own_counted_until_v2.sql).
select own_counted_until(%(user)s, %(now)s::timestamptz) as until
