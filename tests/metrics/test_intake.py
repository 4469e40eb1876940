"""Sent is accepted plus rejected, exactly, by every door."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from sessions_app.db.rls import acting_as
from sessions_app.management.web import refused as refused_by_server
from sessions_app.management.web.request import Request
from sessions_app.metrics.intake import Refusal
from sessions_app.metrics.observed import Observed
from sessions_app.models import AgentActivity, TrackedActivity
from sessions_app.services import projects
from tests.api.conftest import Program, agent_token, program
from tests.conftest import Cast
from tests.metrics import mcp_calls
from tests.metrics.counting import Grown
from tests.views.conftest import World, browse, world  # noqa: F401 -- a fixture


def test_what_is_sent_is_accepted_or_rejected_at_every_door(
    world: World,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A mixed series: new, repeated, replayed, and refused for every reason there is."""
    cast = world.cast
    ann, zoe = program(cast.ann), program(cast.zoe)
    _row, secret = agent_token(cast)
    agent, mute = Program(secret), Program(agent_token(cast, "MuteAgent", scopes=("briefing",))[1])
    here, page = f"/projects/{cast.project.id}", browse(cast.ann)
    event, other = str(uuid.uuid4()), str(uuid.uuid4())
    grown = Grown("leftoff_activity_")

    track = "/sessions/track-activity"
    mine = {"projectId": str(cast.project.id)}
    for body, headers in (
        (mine, {}),
        (mine | {"event_id": event}, {}),
        (mine | {"event_id": event}, {}),
        (mine, {"idempotency_key": "k"}),
        (mine, {"idempotency_key": "k"}),
    ):
        assert ann.post(track, body, **headers).status_code == 202
    # A word that is guessed is the same door.
    assert ann.post("/sessions/ping", mine).status_code == 202
    refused: list[tuple[Any, int]] = [
        (ann.post(track, mine | {"event_id": event, "kind": "other"}), 409),
        (ann.post(track, mine | {"colour": "red"}), 422),
        (ann.post(track, mine | {"metadata": {"x": "y" * 9000}}), 422),
        (ann.post(track, {}), 422),
        (ann.post(track, b"{"), 400),
        (ann.post(track, b"x=1", content_type="text/plain"), 415),
        (zoe.post(track, mine), 404),
        (Program("nobody").post(track, mine), 401),
    ]

    path = f"{here}/agent-activity"
    assert agent.post(path, {"action": "looked", "eventId": other}).status_code == 202
    assert agent.post(path, {"action": "looked", "eventId": other}).status_code == 202
    refused += [
        (agent.post(path, {"action": "x" * 201}), 422),
        (mute.post(path, {"action": "looked"}), 403),
        (agent.post(f"/projects/{cast.other.id}/agent-activity", {"action": "looked"}), 404),
        (agent.post("/projects/none/agent-activity", {"action": "looked"}), 422),
    ]
    batch = f"{path}/batch"
    three = {"activities": [{"action": f"step {n}"} for n in range(3)]}
    assert agent.post(batch, three).status_code == 202
    twice = {"activities": [{"action": "looked", "eventId": other}, {"action": "new"}]}
    assert agent.post(batch, twice).status_code == 202
    bad = {"activities": [{"action": "good"}, {"action": "bad", "unknown": 1}]}
    many = {"activities": [{"action": "one"}] * 101}
    refused += [
        (agent.post(batch, bad), 422),
        (agent.post(batch, many), 422),
        (agent.post(batch, {"activities": []}), 422),
        (agent.post(batch, b"nothing"), 400),
    ]

    door = world.path("activity")
    key = str(uuid.uuid4())
    assert [page.post(door, {"event_id": key}).status_code for _ in range(2)] == [202, 202]
    refused += [
        (page.post(door, {"event_id": "none"}), 422),
        (browse(cast.zoe).post(door), 404),
        (browse().post(door), 302),
        (browse(cast.ann, enforce_csrf_checks=True).post(door), 403),
        (page.post(door, b"x=%00", content_type="application/x-www-form-urlencoded"), 400),
        (page.post(door, "x" * 2**21, content_type="application/x-www-form-urlencoded"), 413),
    ]

    for call in (
        mcp_calls.report(action="by tool", event_id=key),
        mcp_calls.report(action="by tool", event_id=key),
        mcp_calls.report(action="by tool", unknown=1),
        mcp_calls.report(),
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_briefing"}},
    ):
        assert mcp_calls.call(secret, call)[0] == 200
    # Not even arguments: the SDK refuses it.
    nonsense: dict[str, Any] = mcp_calls.report()
    nonsense["params"]["arguments"] = 5
    mcp_calls.call(secret, nonsense)
    # Nobody knows what a stranger's call would have been.
    assert mcp_calls.call("stranger", mcp_calls.report(action="x"))[0] == 401

    # Refused by the server before Django saw any of it.
    refused_by_server.count(Observed("x"), 413, b"POST", f"/api{path}?x=1".encode())
    refused_by_server.count(Observed("x"), 413, b"POST", b"/api/sessions/ping")
    refused_by_server.count(Observed("x"), 413, b"POST", b"/elsewhere")

    def away(*_args: object, **_more: object) -> None:
        raise OperationalError("away")

    with monkeypatch.context() as broken:
        broken.setattr("sessions_app.services.tracking.track_activity", away)
        refused.append((ann.post(track, mine), 503))
    with acting_as(cast.ann.id):
        projects.archive_project(cast.project.id, cast.actor("ann"))
    refused.append((agent.post(path, {"action": "late"}), 409))

    assert [answer.status_code for answer, _ in refused] == [status for _, status in refused]
    assert grown.by() == {
        ("sent_total", "track-activity"): 16,
        ("accepted_total", "track-activity", "new"): 4,
        ("accepted_total", "track-activity", "again"): 2,
        ("rejected_total", "track-activity", "conflict"): 1,
        ("rejected_total", "track-activity", "unknown-field"): 1,
        ("rejected_total", "track-activity", "too-large"): 2,
        ("rejected_total", "track-activity", "missing-field"): 1,
        ("rejected_total", "track-activity", "unreadable"): 1,
        ("rejected_total", "track-activity", "wrong-type"): 1,
        ("rejected_total", "track-activity", "not-there"): 1,
        ("rejected_total", "track-activity", "not-signed-in"): 1,
        ("rejected_total", "track-activity", "unavailable"): 1,
        ("sent_total", "agent-activity"): 8,
        ("accepted_total", "agent-activity", "new"): 1,
        ("accepted_total", "agent-activity", "again"): 1,
        ("rejected_total", "agent-activity", "too-large"): 2,
        ("rejected_total", "agent-activity", "no-right"): 1,
        ("rejected_total", "agent-activity", "not-there"): 1,
        ("rejected_total", "agent-activity", "bad-value"): 1,
        ("rejected_total", "agent-activity", "archived"): 1,
        ("sent_total", "agent-activity-batch"): 3 + 2 + 2 + 101 + 1 + 1,
        ("accepted_total", "agent-activity-batch", "new"): 4,
        ("accepted_total", "agent-activity-batch", "again"): 1,
        ("rejected_total", "agent-activity-batch", "unknown-field"): 2,
        ("rejected_total", "agent-activity-batch", "too-large"): 101,
        ("rejected_total", "agent-activity-batch", "bad-value"): 1,
        ("rejected_total", "agent-activity-batch", "unreadable"): 1,
        ("sent_total", "page"): 8,
        ("accepted_total", "page", "new"): 1,
        ("accepted_total", "page", "again"): 1,
        ("rejected_total", "page", "bad-value"): 1,
        ("rejected_total", "page", "not-there"): 1,
        ("rejected_total", "page", "not-signed-in"): 1,
        ("rejected_total", "page", "no-right"): 1,
        ("rejected_total", "page", "unreadable"): 1,
        ("rejected_total", "page", "too-large"): 1,
        ("sent_total", "mcp"): 5,
        ("accepted_total", "mcp", "new"): 1,
        ("accepted_total", "mcp", "again"): 1,
        ("rejected_total", "mcp", "unknown-field"): 1,
        ("rejected_total", "mcp", "missing-field"): 1,
        ("rejected_total", "mcp", "bad-value"): 1,
    }
    # What was accepted as new is there, and nothing else.
    with acting_as(cast.ann.id):
        assert TrackedActivity.objects.count() == 4 + 1
        assert AgentActivity.objects.count() == 1 + 4 + 1


def test_a_refusal_is_told_where_it_is_known_who_sent_it_to_which_project(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger's is not: it would let anybody write into anybody's page."""
    told: list[Refusal] = []
    monkeypatch.setattr("sessions_app.metrics.intake._listeners", [told.append])
    ann, agent = program(cast.ann), Program(agent_token(cast)[1])
    mine = {"projectId": str(cast.project.id)}
    ann.post("/sessions/track-activity", mine | {"colour": "red"})
    ann.post("/sessions/track-activity", {"colour": "red"})
    Program("nobody").post("/sessions/track-activity", mine)
    agent.post("/sessions/track-activity", {"projectId": str(cast.other.id)})
    browse(cast.ann).post(f"/projects/{cast.project.id}/activity/", {"event_id": "none"})
    mcp_calls.call(agent.token, mcp_calls.report(action="x" * 201))
    project = cast.project.id
    assert [(each.project_id, each.user_id, each.door.value, each.reason) for each in told] == [
        (project, cast.ann.id, "track-activity", "unknown-field"),
        (project, None, "track-activity", "not-there"),
        (project, cast.ann.id, "page", "bad-value"),
        (project, None, "mcp", "too-large"),
    ]


def test_too_many_calls_are_told_of_an_agent(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Refusal] = []
    monkeypatch.setattr("sessions_app.metrics.intake._listeners", [told.append])
    settings.API_CALLS_PER_MINUTE = 0
    answer = Program(agent_token(cast)[1]).post(
        f"/projects/{cast.project.id}/agent-activity", {"action": "x"}
    )
    assert json.loads(answer.content)["status"] == 429
    assert [(each.project_id, each.reason) for each in told] == [(cast.project.id, "rate-limit")]


def test_what_the_mcp_door_refuses_of_an_agent_is_counted_and_told(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until its body is read nobody knows that it is another call."""
    told: list[Refusal] = []
    monkeypatch.setattr("sessions_app.metrics.intake._listeners", [told.append])
    grown, token = Grown("leftoff_activity_"), agent_token(cast)[1]
    twice = json.dumps(mcp_calls.report(action="x")).replace('"action"', '"action": "y", "action"').encode()
    for status, body in (
        (400, b"{"),
        (400, twice),
        (400, mcp_calls.report(action="a\0b")),
        (400, [mcp_calls.report(action="x")]),
        (413, mcp_calls.report(action="x" * 2**20)),
        # Read, and no report: with a key twice, no answer to take, a method that is none.
        (400, twice.replace(b"post_activity", b"get_briefing")),
        (202, {"jsonrpc": "2.0", "id": 1, "result": {}}),
        (200, {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
    ):
        assert (body, mcp_calls.call(token, body)[0]) == (body, status)
    assert mcp_calls.call(token, mcp_calls.report(action="x"), accept="text/html")[0] == 406
    settings.API_CALLS_PER_MINUTE = 0
    assert mcp_calls.call(token, mcp_calls.report(action="x"))[0] == 429
    # A person has no business here, and no project that is known.
    assert mcp_calls.call(program(cast.ann).token, mcp_calls.report(action="x"))[0] == 429
    reasons = ["unreadable", "bad-value", "bad-value", "unreadable", "too-large", "wrong-type", "rate-limit"]
    assert [(each.project_id, each.reason) for each in told] == [
        (cast.project.id, reason) for reason in reasons
    ]
    assert grown.by() == {
        ("sent_total", "mcp"): 7,
        **{("rejected_total", "mcp", reason): reasons.count(reason) for reason in reasons},
    }


def test_a_batch_that_nobody_read_is_as_many_pieces_as_it_has_entries(cast: Cast, settings: Any) -> None:
    path = f"/projects/{cast.project.id}/agent-activity/batch"
    agent = Program(agent_token(cast)[1])
    body: dict[str, Any] = {"activities": [{"action": "one"}] * 50}
    grown = Grown("leftoff_activity_")
    assert Program("nobody").post(path, body).status_code == 401
    assert agent.post(path, json.dumps(body).encode(), content_type="text/plain").status_code == 415
    settings.API_CALLS_PER_MINUTE = 0
    assert agent.post(path, body).status_code == 429
    assert grown.by() == {
        ("sent_total", "agent-activity-batch"): 150,
        ("rejected_total", "agent-activity-batch", "not-signed-in"): 50,
        ("rejected_total", "agent-activity-batch", "wrong-type"): 50,
        ("rejected_total", "agent-activity-batch", "rate-limit"): 50,
    }
    # What cannot be read, now as before, is one.
    grown = Grown("leftoff_activity_")
    for bad in (b"{", b"[]", b'{"activities": 5}', b"[" * 60, b'{"a": "' + b"x" * 2**20 + b'"}'):
        assert agent.post(path, bad).status_code == 429
    assert grown.by()["sent_total", "agent-activity-batch"] == 5


def test_what_is_sent_by_http_where_https_is_asked_for_has_its_own_word(cast: Cast, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    grown = Grown("leftoff_activity_rejected_")
    # A client of its own: the middleware reads that setting once.
    assert Client().post(f"/api/projects/{cast.project.id}/agent-activity").status_code == 301
    assert grown.by() == {("total", "agent-activity", "in-the-clear"): 1}


def test_what_the_server_answers_by_itself_is_counted_once() -> None:
    """What an application has in hand is counted when that is done: it may be taken in after all."""
    request = Request.__new__(Request)
    request.method, request.uri = b"POST", b"/api/sessions/ping?secret"
    assert "secret" not in repr(request)
    grown, answered = Grown("leftoff_activity_"), Grown("leftoff_requests_")
    for queue, status in ((None, 400), (None, 503), (object(), 503), (object(), 500)):
        request.application_queue = queue
        request._count(Observed("x"), status)
    assert answered.by() == {
        ("total", "unread", "POST", "400"): 1,
        ("total", "unread", "POST", "503"): 2,
    }
    assert grown.by() == {
        ("sent_total", "track-activity"): 2,
        ("rejected_total", "track-activity", "unreadable"): 1,
        ("rejected_total", "track-activity", "unavailable"): 1,
    }
