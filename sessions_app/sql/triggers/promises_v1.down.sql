drop trigger activities_version on activities;
drop function activity_carries_its_version();
drop trigger memberships_owner_stepped_down on memberships;
drop trigger memberships_owner_left on memberships;
drop function project_keeps_an_owner();
drop trigger projects_created on projects;
drop function project_created();
