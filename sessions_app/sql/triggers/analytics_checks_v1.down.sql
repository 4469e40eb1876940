drop trigger session_analytics_gone_checked on session_analytics;
drop trigger session_analytics_checked on session_analytics;
drop trigger user_sessions_checked on user_sessions;
drop trigger project_counters_checked on project_counters;
drop trigger memberships_checked on memberships;
drop function leave_analytics_check();
