"""Hand-offs by the API: the draft, leaving one, and the list that agents read too."""

from __future__ import annotations

from sessions_app.models import Session
from sessions_app.services import items
from tests.api.conftest import Program, data, fields, problem
from tests.conftest import Cast
from tests.doing import add, do, the


def test_draft_leave_and_read(bob: Program, ann: Program, agent: Program, cast: Cast, here: str) -> None:
    (lamp,) = add(cast, "Lamp")
    session = data(bob.post("/sessions/start", {"projectId": str(cast.project.id)}), 201)
    assert bob.post(f"{here}/items/{lamp.id}/decide", {"reason": "Brighter"}).status_code == 200
    draft = data(bob.get(f"{here}/hand-offs/draft"))
    assert draft["sessionId"] == session["id"]
    assert "Decided: Lamp (Brighter)." in draft["text"]
    body = {"text": draft["text"], "sessionId": session["id"], "end": True}
    left = data(bob.post(f"{here}/hand-offs", body), 201)
    assert (left["author"]["name"], left["text"], left["sessionId"]) == ("Bob", draft["text"], session["id"])
    assert not the(Session, cast).is_active
    for reader in (ann, agent):
        assert data(reader.get(f"{here}/hand-offs")) == [left]
    told = data(agent.get(f"{here}/briefing"))["handedOver"]["rows"]
    assert [(row["by"], row["byKind"]) for row in told] == [("Bob", "user")]
    assert "Bob (a person)" in agent.get(f"{here}/briefing?format=markdown").text


def test_before_the_first_session_the_draft_is_empty(bob: Program, here: str) -> None:
    assert data(bob.get(f"{here}/hand-offs/draft")) == {"text": "", "sessionId": None}
    problem(bob.post(f"{here}/hand-offs", {"text": "Hello"}), 404)


def test_leaving_alone_ends_nothing(bob: Program, cast: Cast, here: str) -> None:
    data(bob.post("/sessions/start", {"projectId": str(cast.project.id)}), 201)
    for text in ("First", "Second"):
        data(bob.post(f"{here}/hand-offs", {"text": text}), 201)
    assert the(Session, cast).is_active
    assert [row["text"] for row in data(bob.get(f"{here}/hand-offs"))] == ["Second"]


def test_bad_bodies_name_the_field(bob: Program, cast: Cast, here: str) -> None:
    data(bob.post("/sessions/start", {"projectId": str(cast.project.id)}), 201)
    for body, field in (
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": "  "}, "text"),
        ({"text": "x" * 4_001}, "text"),
        ({"text": "Hello", "sessionId": "7"}, "sessionId"),
        ({"text": "Hello", "end": "yes"}, "end"),
    ):
        assert fields(bob.post(f"{here}/hand-offs", body)) == [field]


def test_the_changes_tell_of_it(bob: Program, cast: Cast, here: str) -> None:
    do(cast, "bob", items.add_item, title="Lamp")
    data(bob.post("/sessions/start", {"projectId": str(cast.project.id)}), 201)
    data(bob.post(f"{here}/hand-offs", {"text": "The lens is next."}), 201)
    last = data(bob.get(f"{here}/changes"))[-1]
    assert (last["kind"], last["data"]) == ("hand_off.left", {"text": "The lens is next."})
