"""Sessions: who visited what, how long, from where to where, and what happened meanwhile."""

from __future__ import annotations

import datetime as dt

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString

from sessions_app.admin import shown, visits
from sessions_app.admin.filters import ByPerson, ByProject, Word, by_words
from sessions_app.admin.inspected import Inspected
from sessions_app.insights import durations
from sessions_app.models import Activity, HandOff, Session, SessionAnalytics, TrackedActivity
from sessions_app.services import sessions

_SHORT, _HOUR, _LONG = dt.timedelta(minutes=5), dt.timedelta(hours=1), dt.timedelta(hours=4)


def _ended_within(start: dt.timedelta | None, end: dt.timedelta | None) -> Q:
    """Ended sessions that lasted at least `start` and less than `end`."""
    lasted = Q(session_end__isnull=False)
    if start is not None:
        lasted &= Q(session_end__gte=F("session_start") + start)
    if end is not None:
        lasted &= Q(session_end__lt=F("session_start") + end)
    return lasted


# No index knows how long all of them lasted: a project's, or a person's, are looked through.
_BY_LENGTH = by_words(
    "length",
    "length",
    Word("short", "Under 5 minutes", _ended_within(None, _SHORT)),
    Word("hour", "5 minutes to an hour", _ended_within(_SHORT, _HOUR)),
    Word("hours", "1 to 4 hours", _ended_within(_HOUR, _LONG)),
    Word("long", "4 hours and more", _ended_within(_LONG, None)),
    needs=("project", "person"),
)


@admin.register(Session)
class SessionAdmin(Inspected):
    list_display = ("session_start", "user", "project", "state", "length")
    related = ("project", "user")
    finds = ("id", "project", "user")
    list_filter = (
        ByProject,
        ByPerson,
        by_words(
            "active",
            "active",
            Word("yes", "Active", Q(is_active=True), is_indexed=True),
            Word("no", "Ended", Q(is_active=False)),
        ),
        _BY_LENGTH,
    )
    order = order_in_project = ("-session_start", "-id")
    actions = ("end_now",)
    told_from = {"time_line": (Activity, TrackedActivity, HandOff), "happened": (Activity,)}
    fieldsets = (
        (None, {"fields": ("id", "user", "project", "state", "session_start", "session_end")}),
        ("How long", {"fields": ("length", "last_activity", "measured")}),
        ("The project at its start", {"fields": ("snapshot",)}),
        ("Time line", {"fields": ("time_line",)}),
        ("What happened in the project meanwhile", {"fields": ("happened",)}),
        ("More", {"fields": ("other_rows", "tells", "created_at", "updated_at")}),
    )

    @admin.display(description="State")
    def state(self, session: Session) -> str:
        return "Active" if session.is_active else "Ended"

    @admin.display(description="Length")
    def length(self, session: Session) -> str:
        return visits.length(session)

    @admin.display(description="What it came to")
    def measured(self, session: Session) -> SafeString | str:
        if session.measured_at is None:
            return "Not measured yet: that is done after its end."
        return shown.facts(
            {
                "Active": _seconds(session.active_seconds),
                "Since the session before": _seconds(session.gap_seconds),
                "From the start to the first act": _seconds(session.lag_seconds),
                "Items decided": session.items_decided,
                "Tracked inputs": session.inputs_measured,
                "Measured at": session.measured_at,
            }
        )

    @admin.display(description="Snapshot")
    def snapshot(self, session: Session) -> SafeString:
        names = ("version", "decided", "exploring", "parked", "pending_questions")
        at_start = session.snapshot_at_start
        return shown.facts(
            {name.replace("_", " ").capitalize(): at_start.get(name) for name in names}
            | {
                "Taken at": parse_datetime(at_start["taken_at"]),
                "Version at its last activity": session.end_version,
            }
        )

    @admin.display(description="In order")
    def time_line(self, session: Session) -> SafeString:
        return shown.part("time_line", told=visits.time_line(session))

    @admin.display(description="By whomever")
    def happened(self, session: Session) -> SafeString:
        return shown.part("time_line", told=visits.what_happened(session))

    @admin.display(description="See also")
    def other_rows(self, session: Session) -> SafeString:
        return shown.links_to_lists(
            (Session, SessionAnalytics), project=session.project_id, person=session.user_id
        ) + shown.links_to_lists((Activity,), project=session.project_id)

    @admin.display(description="Metadata")
    def tells(self, session: Session) -> SafeString:
        return shown.pretty_json(session.metadata)

    @admin.action(description="End now", permissions=["act"])
    def end_now(self, request: HttpRequest, rows: QuerySet[Session]) -> None:
        def end(session: Session) -> str:
            return "Ended the session." if sessions.end_this(session.id) else ""

        self.act_on(request, rows, end, none="None of these was active.")


def _seconds(seconds: int | None) -> str | None:
    return None if seconds is None else durations.span(dt.timedelta(seconds=seconds))
