"""Django admin: to inspect. What others must hear of is changed on the pages, through the services."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest

from sessions_app.models import (
    Activity,
    AgentActivity,
    Blocker,
    HandOff,
    Item,
    Membership,
    Project,
    Question,
    Session,
    SessionAnalytics,
    User,
)

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """People: names, rights, passwords."""

    ordering = ("email",)
    list_display = ("email", "display_name", "is_active", "is_staff", "created_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "display_name")
    readonly_fields = ("created_at", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "display_name", "time_zone", "password")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")}),
        ("Times", {"fields": ("created_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "display_name", "password1", "password2")}),)
    filter_horizontal = ("user_permissions",)


class Inspected(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to look at: no adding, changing or deleting behind the services' back."""

    list_per_page = 50
    show_full_result_count = False
    list_select_related: ClassVar[tuple[str, ...]] = ("project",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False


_COLUMNS: dict[type[Model], tuple[str, ...]] = {
    Membership: ("project", "user", "role", "created_at"),
    Item: ("title", "project", "state", "version", "changed_at"),
    Question: ("text", "project", "agent_type", "status", "created_at"),
    Blocker: ("text", "project", "type", "source", "status", "created_at"),
    AgentActivity: ("agent_type", "action", "project", "received_at", "digested_version"),
    Activity: ("kind", "project", "version", "actor_kind", "created_at"),
    HandOff: ("user", "project", "version", "created_at"),
    Session: ("user", "project", "session_start", "session_end", "is_active"),
    SessionAnalytics: ("user", "project", "items_decided_since", "pending_questions", "updated_at"),
}

for _model, _columns in _COLUMNS.items():
    _related = tuple(name for name in ("project", "user") if name in _columns)
    admin.site.register(
        _model,
        type(
            f"{_model.__name__}Admin",
            (Inspected,),
            {"list_display": _columns, "list_select_related": _related},
        ),
    )


@admin.register(Project)
class ProjectAdmin(Inspected):
    """Projects by title."""

    list_display = ("title", "created_by", "created_at", "archived_at")
    list_select_related: ClassVar[tuple[str, ...]] = ("created_by",)
    search_fields = ("title",)
