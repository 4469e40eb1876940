drop trigger memberships_checked on memberships;
drop trigger project_counters_checked on project_counters;
drop trigger user_sessions_checked on user_sessions;
drop trigger session_analytics_checked on session_analytics;
drop trigger session_analytics_gone_checked on session_analytics;
drop function leave_analytics_check();
