drop policy of_my_projects on hand_offs;
drop policy owner_all on hand_offs;
alter table hand_offs no force row level security;
alter table hand_offs disable row level security;

drop policy of_my_projects on decision_looks;
drop policy owner_all on decision_looks;
alter table decision_looks no force row level security;
alter table decision_looks disable row level security;
