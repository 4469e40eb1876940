"""The chat of all projects. The list tells who spoke and when; the words are on the page of a message."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin.filters import ByPerson, ByProject, by_choices
from sessions_app.admin.inspected import Inspected
from sessions_app.models import Message
from sessions_app.models.messages import Author


@admin.register(Message)
class MessageAdmin(Inspected):
    list_display = ("created_at", "project", "role", "user", "agent_type", "version", "deleted_at")
    related = ("project", "user")
    finds = ("id", "project", "user")
    list_filter = (ByProject, ByPerson, by_choices("role", dict(Author.choices), "kind of author"))
    order_in_project = ("-version", "-created_at", "-id")
