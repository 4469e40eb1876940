"""`manage.py prune`: what is past its age goes, and no page shows a thing less."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.models import AgentActivity, Session, TrackedActivity
from sessions_app.services import retention, sessions, tracking
from tests import filling
from tests.conftest import Cast
from tests.db.tools import owner_rows
from tests.doing import DAY, HOUR, NINE, report, send_report
from tests.management.running import manage
from tests.views.conftest import browse

# Long after all of it.
LATER = NINE + 400 * DAY
PAGES = (
    *("", "agents/", "changes/", "messages/", "questions/", "blockers/", "sessions/"),
    *("decisions/", "insights/", "settings/"),
)
NEVER = (
    *("activities", "user_sessions", "items", "messages", "questions", "blockers", "hand_offs"),
    *("session_analytics", "project_counters", "step_marks", "decision_looks", "invitations", "agent_tokens"),
    *("memberships", "session_rollups", "work_rollups", "decision_lives"),
)


def test_every_page_is_the_same_to_the_byte(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "REPORTS_KEPT", 52)
    with clock.at(NINE):
        filling.fill(cast.project, cast.ann)
    for number in range(60):
        with clock.at(NINE + number * HOUR):
            send_report(cast, "Scout", {"thought": f"No. {number}"})
    with clock.at(NINE + 5 * DAY):
        digest_waiting()
        measured(cast)
    with clock.at(LATER):
        ann = browse(cast.ann)
        # Whoever looks begins a session by that, and the second look finds it begun.
        pages_of(cast, ann)
        before, kept = pages_of(cast, ann), rows_of(NEVER)
        pruned = manage("prune", "--json").document["pruned"]
        assert pruned["agent_activities"] == 9, "all but the newest 52 of the 61 there are"
        assert pruned["tracked_activities"] == 1
        assert {"socket_tickets", "seen_events"} <= set(pruned)
        assert pages_of(cast, ann) == before
        assert rows_of(NEVER) == kept
        assert manage("prune", "--json").document["pruned"] == {}


def test_a_dry_run_counts_and_keeps(cast: Cast) -> None:
    with clock.at(NINE):
        filling.fill(cast.project, cast.ann)
    with clock.at(LATER):
        before = rows_of(("agent_activities", "tracked_activities", "seen_events", "socket_tickets"))
        would = manage("prune", "--dry-run", "--json").document
        assert (would["dry_run"], would["pruned"]["seen_events"]) == (True, 2)
        assert rows_of(("agent_activities", "tracked_activities", "seen_events", "socket_tickets")) == before
        assert "2 rows of seen_events would go." in manage("prune", "--dry-run").out
        assert manage("prune", "--json").document["pruned"] == would["pruned"]
        assert manage("prune").out == "Nothing is that old.\n"


def test_input_that_a_session_is_still_to_be_measured_from_stays(cast: Cast) -> None:
    with clock.at(NINE), acting_as(cast.ann.id):
        sessions.start_session(cast.ann.id, cast.project.id)
        tracking.track_activity(cast.ann.id, cast.project.id)
    with clock.at(NINE + DAY):
        digest_waiting()
        with acting_as_system([cast.project.id]):
            sessions.end_idle(cast.project.id, clock.now())
            Session.objects.update(measured_at=None)
    with clock.at(LATER):
        manage("prune")
        assert tracked(cast)
        measured(cast)
        manage("prune")
        assert tracked(cast) == []


def test_what_nobody_digested_stays(cast: Cast) -> None:
    with clock.at(NINE):
        send_report(cast, "Scout", {"thought": "Hm"})
        with acting_as(cast.ann.id):
            tracking.track_activity(cast.ann.id, cast.project.id, event_id=uuid4())
    with clock.at(LATER):
        manage("prune")
    assert len(every_report(cast)) == 1
    assert len(tracked(cast)) == 1


def test_the_newest_reports_stay_however_old(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "REPORTS_KEPT", 2)
    for hour in range(4):
        with clock.at(NINE + hour * HOUR):
            report(cast, "Scout", {"thought": f"No. {hour}"})
    with clock.at(LATER):
        manage("prune")
    assert [row.details["thought"] for row in every_report(cast)] == ["No. 2", "No. 3"]


def test_it_goes_in_batches_and_an_interrupt_keeps_what_is_done(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ROWS_A_BATCH", 2)
    with clock.at(NINE), acting_as(cast.ann.id):
        for _ in range(5):
            tracking.track_activity(cast.ann.id, cast.project.id)
    digest_waiting()
    with clock.at(LATER):
        pruning = retention.prune(365)
        assert next(pruning) == ("tracked_activities", 2)
        pruning.close()
        assert len(tracked(cast)) == 3
        assert manage("prune", "--json").document["pruned"] == {"tracked_activities": 3}


@pytest.mark.parametrize(
    ("days", "code", "said"),
    [
        ("89", 2, "argument --older-than: must be 90 or more"),
        ("0", 2, "'0' is no number of days"),
        ("soon", 2, "'soon' is no number of days"),
    ],
)
def test_an_age_that_is_too_young_or_none_is_refused(cast: Cast, days: str, code: int, said: str) -> None:
    ran = manage("prune", "--older-than", days)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.error


def test_failed_jobs_go_after_two_weeks(cast: Cast) -> None:
    with connections["owner"].cursor() as owner:
        owner.execute(
            "with job as ("
            "  insert into procrastinate_jobs (queue_name, task_name, status)"
            "  values ('default', 'x', 'failed') returning id"
            ") insert into procrastinate_events (job_id, type, at)"
            " select id, 'failed', now() - interval '15 days' from job"
        )
    assert manage("prune", "--dry-run", "--json").document["pruned"] == {"procrastinate_jobs": 1}
    assert manage("prune", "--json").document["pruned"] == {"procrastinate_jobs": 1}
    assert manage("prune", "--json").document["pruned"] == {}


def measured(cast: Cast) -> None:
    """All sessions are over, and what they came to is noted."""
    with acting_as_system([cast.project.id]):
        sessions.end_idle(cast.project.id, clock.now() + DAY)
        Session.objects.filter(is_active=False).update(measured_at=clock.now())


def every_report(cast: Cast) -> list[AgentActivity]:
    with acting_as_system([cast.project.id]):
        return list(AgentActivity.objects.filter(project_id=cast.project.id).order_by("received_at"))


def tracked(cast: Cast) -> list[TrackedActivity]:
    with acting_as_system([cast.project.id]):
        return list(TrackedActivity.objects.filter(project_id=cast.project.id))


def pages_of(cast: Cast, who: Client) -> dict[str, bytes]:
    """Each page as it is sent, but for the form's token and the clock's time, which are others each time."""
    passing = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"|data-now="[^"]+"')
    with clock.at(LATER):
        found = {page: who.get(f"/projects/{cast.project.id}/{page}") for page in PAGES}
    assert {answer.status_code for answer in found.values()} == {200}
    return {page: passing.sub(b"", answer.content) for page, answer in found.items()}


def rows_of(tables: tuple[str, ...]) -> dict[str, list[tuple]]:
    return {table: sorted(owner_rows(f"select to_jsonb(t)::text from {table} t")) for table in tables}
