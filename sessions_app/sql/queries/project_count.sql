-- How many of a person's projects are archived or not, with these words in their titles.
select count(*) as projects from own_projects_found(%(user)s, %(archived)s::boolean, %(words)s)
