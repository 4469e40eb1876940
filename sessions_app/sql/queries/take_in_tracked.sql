-- Tracked events of any people and projects, taken in (functions/take_in_tracked_v1.sql says what that is).
select place, outcome from take_in_tracked(%(events)s, %(now)s, %(by_system)s)
