drop policy of_my_projects on session_rollups;
drop policy owner_all on session_rollups;
alter table session_rollups no force row level security;
alter table session_rollups disable row level security;

drop policy of_my_projects on work_rollups;
drop policy owner_all on work_rollups;
alter table work_rollups no force row level security;
alter table work_rollups disable row level security;

drop policy of_my_projects on decision_lives;
drop policy owner_all on decision_lives;
alter table decision_lives no force row level security;
alter table decision_lives disable row level security;

drop policy of_my_projects on rollup_fills;
drop policy owner_all on rollup_fills;
alter table rollup_fills no force row level security;
alter table rollup_fills disable row level security;

drop policy of_my_projects on intake_refusals;
drop policy owner_all on intake_refusals;
alter table intake_refusals no force row level security;
alter table intake_refusals disable row level security;
