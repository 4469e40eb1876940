"""Questions of all projects."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin.filters import ByProject, by_choices
from sessions_app.admin.inspected import Inspected
from sessions_app.models import Question
from sessions_app.models.questions import QuestionStatus


@admin.register(Question)
class QuestionAdmin(Inspected):
    list_display = ("text", "project", "agent_type", "status", "created_at")
    list_filter = (ByProject, by_choices("status", dict(QuestionStatus.choices)))
    order_in_project = ("-created_at", "-id")
