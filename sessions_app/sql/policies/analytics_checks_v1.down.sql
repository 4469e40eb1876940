grant insert, update, delete on analytics_checks to sessions_runtime;
drop policy of_my_projects on analytics_checks;
drop policy owner_all on analytics_checks;
alter table analytics_checks disable row level security;
alter table analytics_checks no force row level security;
