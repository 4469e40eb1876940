"""The eight session routes, whose wire format existing front ends rely on (DESIGN, section 5)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.digest.digester import digest_waiting
from sessions_app.models import AgentActivity, Session, TrackedActivity
from sessions_app.services import items, questions
from tests.api.conftest import Program, agent_program, data, fields, problem, program
from tests.conftest import Cast
from tests.doing import DAY, HOUR, NINE, add, do, every, report, the
from tests.views.conftest import browse

SESSION_COLUMNS = {
    *("id", "user_id", "project_id", "session_start", "session_end", "is_active"),
    *("snapshot_at_start", "metadata", "created_at", "updated_at"),
}
ANALYTICS_COLUMNS = {
    *("id", "user_id", "project_id", "last_activity", "previous_activity", "items_decided_since"),
    *("items_exploring", "items_parked", "pending_questions", "suggested_next_steps", "active_blockers"),
    *("created_at", "updated_at"),
}
SUMMARY = {
    *("lastSession", "itemsDecided", "itemsDecidedSplit", "itemsExploring", "itemsParked", "totalDecided"),
    *("currentDecided", "currentExploring", "currentParked", "totalItems", "pendingQuestions"),
    *("suggestedNextSteps", "activeBlockers", "version"),
}
STEP = {"id", "text", "priority", "reason", "blocksOthers", "blockedCount", "url"}
BLOCKER = {"id", "text", "type", "blockedItems", "since", "source", "raisedBy", "waitsFor"}


def named(cast: Cast, **more: Any) -> dict[str, Any]:
    """A body about Lighthouse."""
    return {"projectId": str(cast.project.id), **more}


def test_start_answers_with_the_row(ann: Program, cast: Cast) -> None:
    add(cast, "One", "Two")
    row = data(ann.post("/sessions/start", named(cast, userId="me")), 201)
    assert set(row) == SESSION_COLUMNS
    assert row["user_id"] == str(cast.ann.id)
    assert row["is_active"] is True
    assert row["session_end"] is None
    snapshot = row["snapshot_at_start"]
    assert {key: snapshot[key] for key in ("decided", "exploring", "parked", "pending_questions")} == {
        "decided": 0,
        "exploring": 2,
        "parked": 0,
        "pending_questions": 0,
    }
    assert snapshot["version"] == 3


def test_a_start_ends_the_one_before_and_resume_takes_it_up_again(cast: Cast) -> None:
    with clock.at(NINE):
        ann = program(cast.ann)
        first = data(ann.post("/sessions/start", named(cast)), 201)
    with clock.at(NINE + dt.timedelta(minutes=29)):
        ann = program(cast.ann)
        resumed = data(ann.post("/sessions/start", named(cast, resume=True)), 200)
        assert resumed["id"] == first["id"]
        second = data(ann.post("/sessions/start", named(cast)), 201)
        assert second["id"] != first["id"]
    with clock.at(NINE + HOUR):
        third = data(program(cast.ann).post("/sessions/start", named(cast, resume=True)), 201)
    assert [row.is_active for row in every(Session, cast)] == [False, False, True]
    assert third["id"] == str(every(Session, cast)[-1].id)


def test_ending_twice_is_fine(ann: Program, cast: Cast) -> None:
    ann.post("/sessions/start", named(cast))
    for _ in range(2):
        ended = ann.post("/sessions/end", named(cast))
        assert ended.status_code == 200
        assert set(ended.json()) == {"success", "message"}


def test_the_summary_of_the_worked_example(bob: Program, cast: Cast, here: str) -> None:
    """DESIGN, section 3: decided since last is C, D and A: 1, 1 and 1."""
    a, b, c, d, e = add(cast, "A", "B", "C", "D", "E")
    for item in (a, b):
        do(cast, "bob", items.decide_item, item.id)
    with clock.at(NINE):
        ann = program(cast.ann)
        ann.post("/sessions/start", named(cast))
        assert ann.post(f"{here}/items/{c.id}/decide").status_code == 200
        assert ann.post(f"{here}/items/{a.id}/explore").status_code == 200
        ann.post("/sessions/end", named(cast))
    assert agent_program(cast).post(f"{here}/items/{d.id}/decide").status_code == 200
    assert bob.post(f"{here}/items/{e.id}/park").status_code == 200
    with clock.at(NINE + 2 * DAY):
        ann = program(cast.ann)
        ann.post("/sessions/start", named(cast))
        ann.post(f"{here}/items/{a.id}/decide")
        summary = data(ann.get(f"/sessions/summary/me/{cast.project.id}"))
    assert set(summary) == SUMMARY
    assert summary["lastSession"] == "2 days ago"
    assert summary["itemsDecided"] == 3
    assert summary["itemsDecidedSplit"] == {"lastSession": 1, "away": 1, "thisSession": 1}
    assert summary["totalDecided"] == summary["currentDecided"] == 4
    assert summary["itemsExploring"] == summary["currentExploring"] == 0
    assert summary["itemsParked"] == summary["currentParked"] == 1
    assert summary["totalItems"] == 5


def test_the_summary_says_what_psql_says(ann: Program, cast: Cast) -> None:
    add(cast, "One")
    report(cast, "ClarificationAgent", {"question": "Which one?"})
    summary = data(ann.get(f"/sessions/summary/{cast.ann.id}/{cast.project.id}"))
    with acting_as(cast.ann.id), connection.cursor() as cursor:
        cursor.execute(
            "select s ->> 'pendingQuestions', s ->> 'itemsExploring', s ->> 'itemsDecided',"
            " s ->> 'version' || '.' || (s ->> 'memberVersion')"
            " from get_session_summary(%s, %s) as s",
            [cast.ann.id, cast.project.id],
        )
        told = cursor.fetchone()
    assert told == (
        str(summary["pendingQuestions"]),
        str(summary["itemsExploring"]),
        str(summary["itemsDecided"]),
        summary["version"],
    )


def test_analytics_are_a_row_made_at_first_use(ann: Program, cast: Cast) -> None:
    add(cast, "One")
    row = data(ann.get(f"/sessions/analytics/me/{cast.project.id}"))
    assert set(row) == ANALYTICS_COLUMNS
    assert row["items_exploring"] == 1
    assert {key for step in row["suggested_next_steps"] for key in step} == STEP


def test_steps_and_blockers_have_their_shape(ann: Program, agent: Program, cast: Cast) -> None:
    one, two = add(cast, "One", "Two")
    report(cast, "PlannerAgent", {"question": "Which hall?", "blocks": [str(one.id)]})
    report(cast, "PlannerAgent", {"gaps": ["No date"], "blocks": [str(two.id)]})
    for who in (ann, agent):
        steps = data(who.get(f"/sessions/suggested-steps/{cast.project.id}"))
        assert {key for step in steps for key in step} == STEP
        assert steps[0]["id"].startswith("question:")
        assert steps[0]["priority"] == "high"
        assert steps[0]["blocksOthers"] is True
        assert steps[0]["reason"].startswith("Asked just now")
        assert steps[0]["url"].startswith(f"/projects/{cast.project.id}/")
        blockers = data(who.get(f"/sessions/blockers/{cast.project.id}"))
        assert {frozenset(blocker) for blocker in blockers} == {frozenset(BLOCKER | {"blockedCount"})}
        assert [blocker["type"] for blocker in blockers] == ["clarification", "information"]
        assert blockers[0]["blockedItems"] == [{"id": str(one.id), "title": "One"}]


def test_marks_are_ones_own(ann: Program, bob: Program, agent: Program, cast: Cast, here: str) -> None:
    add(cast, "One")
    path = f"/sessions/suggested-steps/{cast.project.id}"
    step = data(ann.get(path))[0]["id"]
    assert ann.post(f"{here}/steps/snooze", {"stepId": step, "until": "day"}).status_code == 200
    assert step not in [row["id"] for row in data(ann.get(path))]
    for other in (bob, agent):
        assert step in [row["id"] for row in data(other.get(path))]
    assert ann.post(f"{here}/steps/undo", {"stepId": step}).status_code == 200
    assert step in [row["id"] for row in data(ann.get(path))]


def test_tracked_input_is_kept_and_counts_once(ann: Program, cast: Cast) -> None:
    event = str(uuid.uuid4())
    body = named(cast, event_id=event, kind="item.opened", metadata={"a": [1, {"b": None}]})
    for _ in range(2):
        answer = ann.post("/sessions/track-activity", body)
        assert answer.status_code == 202
        assert set(answer.json()) == {"success", "message"}
    row = every_tracked(cast)[0]
    assert (row.kind, row.metadata) == ("item.opened", {"a": [1, {"b": None}]})
    problem(ann.post("/sessions/track-activity", body | {"kind": "other"}), 409)
    assert len(every_tracked(cast)) == 1
    digest_waiting([cast.project.id])
    assert every_tracked(cast)[0].digested_at is not None


def every_tracked(cast: Cast) -> list[TrackedActivity]:
    with acting_as(cast.ann.id):
        return list(TrackedActivity.objects.filter(project_id=cast.project.id).order_by("id"))


def test_what_an_agent_tracks_goes_to_its_feed(agent: Program, cast: Cast) -> None:
    assert agent.post("/sessions/track-activity", named(cast, kind="read")).status_code == 202
    assert fields(agent.post("/sessions/track-activity", named(cast, userId="me"))) == ["userId"]
    assert [(row.agent_type, row.action) for row in every_report(cast)] == [("PlannerAgent", "read")]


def every_report(cast: Cast) -> list[AgentActivity]:
    with acting_as(cast.ann.id):
        return list(AgentActivity.objects.filter(project_id=cast.project.id))


@pytest.mark.parametrize("path", ["start", "end", "track-activity"])
def test_nobody_acts_for_another(ann: Program, cast: Cast, path: str) -> None:
    problem(ann.post(f"/sessions/{path}", named(cast, userId=str(cast.bob.id))), 403)
    assert every(Session, cast) == []


@pytest.mark.parametrize("kind", ["summary", "analytics"])
def test_nobody_reads_anothers(ann: Program, cast: Cast, kind: str) -> None:
    problem(ann.get(f"/sessions/{kind}/{cast.bob.id}/{cast.project.id}"), 403)


def test_the_history_is_the_projects_for_owners_and_ones_own_for_others(
    ann: Program, bob: Program, cast: Cast
) -> None:
    for who in (ann, bob, ann):
        who.post("/sessions/start", named(cast))
    path = f"/sessions/history/{cast.project.id}"
    whole = ann.get(path).json()
    assert set(whole) == {"success", "sessions", "next"}
    assert [row["user_id"] for row in whole["sessions"]] == [
        str(cast.ann.id),
        str(cast.bob.id),
        str(cast.ann.id),
    ]
    assert {frozenset(row) for row in whole["sessions"]} == {frozenset(SESSION_COLUMNS)}
    assert len(bob.get(path).json()["sessions"]) == 1
    first = ann.get(f"{path}?limit=2").json()
    rest = ann.get(f"{path}?limit=2&before={first['next'].replace('+', '%2B')}").json()
    assert [*first["sessions"], *rest["sessions"]] == whole["sessions"]
    assert rest["next"] is None


def test_the_project_as_it_was_is_rebuilt_from_the_ledger(
    ann: Program, bob: Program, cast: Cast, here: str
) -> None:
    one, two, three = add(cast, "One", "Two", "Three")
    do(cast, "bob", items.park_item, two.id, reason="Later")
    session = data(ann.post("/sessions/start", named(cast)), 201)
    do(cast, "ann", items.decide_item, one.id, reason="Clear")
    do(cast, "ann", items.delete_item, three.id)
    ann.post("/sessions/end", named(cast))
    do(cast, "bob", items.explore_item, one.id)
    path = f"{here}/sessions/{session['id']}/state"
    start, end = data(ann.get(path)), data(ann.get(f"{path}?at=end"))
    none = {"pendingQuestions": 0, "openBlockers": 0}
    assert start["counts"] == {"exploring": 2, "decided": 0, "parked": 1} | none
    assert end["counts"] == {"exploring": 0, "decided": 1, "parked": 1} | none
    assert (end["itemsDecided"], end["itemsDecidedSplit"]) == (
        1,
        {"lastSession": 0, "away": 0, "thisSession": 1},
    )
    assert {(row["title"], row["state"], row["reason"]) for row in start["items"]} == {
        ("One", "exploring", ""),
        ("Two", "parked", "Later"),
        ("Three", "exploring", ""),
    }
    assert {(row["title"], row["state"], row["reason"]) for row in end["items"]} == {
        ("One", "decided", "Clear"),
        ("Two", "parked", "Later"),
    }
    first = data(ann.get(f"{path}?limit=2"))
    rest = data(ann.get(f"{path}?limit=2&cursor={first['next']}"))
    assert [*first["items"], *rest["items"]] == start["items"]
    assert [row["title"] for row in data(ann.get(f"{path}?state=parked"))["items"]] == ["Two"]
    assert fields(ann.get(f"{path}?state=lost")) == ["state"]
    assert fields(ann.get(f"{path}?at=noon")) == ["at"]
    assert fields(ann.get(f"{path}?cursor=x")) == ["cursor"]
    # One's own for others.
    problem(bob.get(path), 404)


def test_reading_keeps_no_session_alive_and_a_verb_does(cast: Cast, here: str) -> None:
    with clock.at(NINE):
        program(cast.ann).post("/sessions/start", named(cast))
    with clock.at(NINE + dt.timedelta(minutes=20)):
        ann = program(cast.ann)
        ann.get(f"/sessions/summary/me/{cast.project.id}")
        ann.get(f"{here}/items")
        assert the(Session, cast).last_activity == NINE
        ann.post(f"{here}/items", {"title": "One"})
        assert the(Session, cast).last_activity == NINE + dt.timedelta(minutes=20)
    with clock.at(NINE + HOUR + DAY):
        # An idle one is over: a program that acts is no visit, and starts none.
        program(cast.ann).post(f"{here}/items", {"title": "Two"})
    assert the(Session, cast).last_activity == NINE + dt.timedelta(minutes=20)


def test_a_cookie_and_no_bearer_is_nobody(cast: Cast) -> None:
    refused = browse(cast.ann).post(
        "/api/sessions/start", {"projectId": str(cast.project.id)}, content_type="application/json"
    )
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="leftoff", error="invalid_token"'


def test_what_bob_answers_is_in_anns_summary(ann: Program, cast: Cast) -> None:
    report(cast, "PlannerAgent", {"question": "Which hall?"})
    with acting_as(cast.bob.id):
        question = questions.Question.objects.get()
        questions.answer_question(cast.project.id, cast.actor("bob"), question.id, answer="The mill")
    assert data(ann.get(f"/sessions/summary/me/{cast.project.id}"))["pendingQuestions"] == 0
    assert program(cast.bob).get(f"/sessions/blockers/{cast.project.id}").json()["data"] == []
