"""Projects: who is in them, their counts and version, and the way to all their rows."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q
from django.utils.safestring import SafeString

from sessions_app.admin import shown
from sessions_app.admin.filters import ByProject, Word, by_words
from sessions_app.admin.inspected import Inspected
from sessions_app.models import (
    Activity,
    AgentActivity,
    AgentToken,
    Blocker,
    DecisionLife,
    HandOff,
    IntakeRefusal,
    Invitation,
    Item,
    Membership,
    Message,
    Project,
    Question,
    Session,
    SessionAnalytics,
    SessionRollup,
    TrackedActivity,
    User,
    Webhook,
    WebhookDelivery,
    WorkRollup,
)

# Members a page names at most; the list of members has them all.
_MOST_MEMBERS = 50
_ROWS = (
    *(Session, SessionAnalytics, Activity, Item, Question, Blocker, Message, HandOff),
    *(AgentActivity, TrackedActivity, IntakeRefusal, AgentToken, Membership, Invitation),
    *(Webhook, WebhookDelivery, SessionRollup, WorkRollup, DecisionLife),
)


class ThisProject(ByProject):
    """The projects themselves."""

    column = "id"


@admin.register(Project)
class ProjectAdmin(Inspected):
    list_display = ("title", "created_by", "created_at", "archived_at", "version", "items", "waits")
    related = ("created_by", "counter")
    finds = ("id",)
    list_filter = (
        ThisProject,
        by_words(
            "archived",
            "archived",
            Word("no", "Not archived", Q(archived_at__isnull=True)),
            Word("yes", "Archived", Q(archived_at__isnull=False)),
        ),
    )
    told_from = {"members": (Membership, User)}
    order = ("-created_at", "-id")
    order_is_indexed = False
    fieldsets = (
        (None, {"fields": ("id", "title", "created_by", "created_at", "archived_at")}),
        ("Counts", {"fields": ("counts",)}),
        ("Members", {"fields": ("members",)}),
        ("Its rows", {"fields": ("rows",)}),
        ("Settings", {"fields": ("agents_paused_at", "idle_park_days", "updated_at")}),
    )

    @admin.display(description="Version")
    def version(self, project: Project) -> int:
        return project.counter.version

    @admin.display(description="Exploring, decided, parked")
    def items(self, project: Project) -> str:
        counter = project.counter
        return f"{counter.exploring}, {counter.decided}, {counter.parked}"

    @admin.display(description="Open questions, blockers")
    def waits(self, project: Project) -> str:
        return f"{project.counter.questions_open}, {project.counter.blockers_open}"

    @admin.display(description="As the counters say")
    def counts(self, project: Project) -> SafeString:
        names = ("version", "exploring", "decided", "parked", "questions_open", "blockers_open")
        return shown.facts(
            {name.replace("_", " ").capitalize(): getattr(project.counter, name) for name in names}
        )

    @admin.display(description="By name")
    def members(self, project: Project) -> SafeString:
        found = Membership.objects.filter(project_id=project.id).prefetch_related("user")
        rows = list(found.order_by("user_id")[: _MOST_MEMBERS + 1])
        members = [(member.user, shown.row_url(member.user), member.role) for member in rows[:_MOST_MEMBERS]]
        more = shown.list_url(Membership, project=project.id) if len(rows) > _MOST_MEMBERS else ""
        return shown.part("members", members=sorted(members, key=lambda row: str(row[0])), more=more)

    @admin.display(description="Lists of this project")
    def rows(self, project: Project) -> SafeString:
        return shown.links_to_lists(_ROWS, project=project.id)
