"""Every page's address. A verb is a POST to an address that ends in its word."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from sessions_app.views import (
    accounts,
    agents,
    blockers,
    health,
    items,
    members,
    messages,
    panels,
    projects,
    questions,
    sessions,
    steps,
)

item_urls: list[URLPattern | URLResolver] = [
    path("", items.item_detail, name="item"),
    path("edit/", items.item_edit, name="item_edit"),
    path("decide/", items.item_decide, name="item_decide"),
    path("park/", items.item_park, name="item_park"),
    path("explore/", items.item_explore, name="item_explore"),
    path("delete/", items.item_delete, name="item_delete"),
    path("wait/", items.item_wait, name="item_wait"),
    path("unwait/", items.item_unwait, name="item_unwait"),
]

project_urls: list[URLPattern | URLResolver] = [
    path("", projects.project_page, name="project"),
    path("rename/", projects.project_rename, name="project_rename"),
    path("archive/", projects.project_archive, name="project_archive"),
    path("restore/", projects.project_restore, name="project_restore"),
    path("delete/", projects.project_delete, name="project_delete"),
    path("leave/", members.project_leave, name="project_leave"),
    path("settings/", members.project_settings, name="project_settings"),
    path("members/<uuid:user_id>/role/", members.member_role, name="member_role"),
    path("members/<uuid:user_id>/remove/", members.member_remove, name="member_remove"),
    path("members/<uuid:user_id>/hand-over/", members.member_hand_over, name="member_hand_over"),
    path("invitations/", members.invite, name="invite"),
    path("invitations/<uuid:invitation_id>/revoke/", members.invitation_revoke, name="invitation_revoke"),
    path("agent-tokens/", agents.agent_token_create, name="agent_token_create"),
    path("agent-tokens/<uuid:token_id>/revoke/", agents.agent_token_revoke, name="agent_token_revoke"),
    path("webhooks/", agents.webhook_create, name="webhook_create"),
    path("webhooks/<uuid:webhook_id>/delete/", agents.webhook_delete, name="webhook_delete"),
    path("webhooks/<uuid:webhook_id>/test/", agents.webhook_test, name="webhook_test"),
    path("agents/pause/", agents.agents_pause, name="agents_pause"),
    path("agents/resume/", agents.agents_resume, name="agents_resume"),
    path("panels/<str:name>/", panels.panel, name="panel"),
    path("refresh/", panels.refresh, name="refresh"),
    path("agents/", panels.agent_reports, name="agents"),
    path("decided/", items.project_decided, name="project_decided"),
    path("items/", items.item_list, name="item_add"),
    path("items/", items.item_list, name="item_column"),
    path("items/<uuid:item_id>/", include(item_urls)),
    path("messages/", messages.message_list, name="messages"),
    path("messages/", messages.message_list, name="message_post"),
    path("messages/<uuid:message_id>/edit/", messages.message_edit, name="message_edit"),
    path("messages/<uuid:message_id>/delete/", messages.message_delete, name="message_delete"),
    path("questions/", questions.question_list, name="questions"),
    path("questions/<uuid:question_id>/answer/", questions.question_answer, name="question_answer"),
    path("questions/<uuid:question_id>/dismiss/", questions.question_dismiss, name="question_dismiss"),
    path("blockers/", blockers.blocker_list, name="blockers"),
    path("blockers/<uuid:blocker_id>/clear/", blockers.blocker_clear, name="blocker_clear"),
    path("blockers/<uuid:blocker_id>/dismiss/", blockers.blocker_dismiss, name="blocker_dismiss"),
    path("steps/done/", steps.step_done, name="step_done"),
    path("steps/snooze/", steps.step_snooze, name="step_snooze"),
    path("steps/undo/", steps.step_undo, name="step_undo"),
    path("sessions/", sessions.session_history, name="sessions"),
    path("session/", sessions.session_start, name="session_start"),
    path("activity/", sessions.activity, name="activity"),
    path("session/end/", sessions.session_end, name="session_end"),
]

urlpatterns = [
    path("", projects.project_list, name="projects"),
    path("projects/", projects.project_list, name="project_create"),
    path("projects/<uuid:project_id>/", include(project_urls)),
    path("invitations/<str:token>/", members.invitation, name="invitation"),
    path("profile/", accounts.profile, name="profile"),
    path("welcome/<str:secret>/", accounts.first_owner, name="first_owner"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
]
