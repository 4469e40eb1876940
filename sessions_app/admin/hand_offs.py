"""Hand-offs: what people left for whoever came next."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin.filters import ByPerson, ByProject
from sessions_app.admin.inspected import Inspected
from sessions_app.models import HandOff


@admin.register(HandOff)
class HandOffAdmin(Inspected):
    list_display = ("created_at", "user", "project", "version")
    related = ("project", "user")
    finds = ("id", "project", "user")
    list_filter = (ByProject, ByPerson)
    order_in_project = ("-version", "-id")
