"""Items by the API: what a decision keeps, reviews, wake-ups, what stands still."""

from __future__ import annotations

import uuid

import pytest

from sessions_app import clock
from sessions_app.services import items, projects
from tests.api.conftest import Program, data, fields, problem
from tests.conftest import Cast
from tests.doing import DAY, NINE, add, again, do, ledger

LATER = "2100-03-01T08:00:00Z"


def test_a_decision_with_all_that_is_worth_keeping(bob: Program, cast: Cast, here: str) -> None:
    gas, electric = add(cast, "Gas", "Electric")
    body = {
        "reason": "It is bright",
        "alternatives": ["A mirror"],
        "supersedes": [str(gas.id)],
        "reviewAt": LATER,
    }
    decided = data(bob.post(f"{here}/items/{electric.id}/decide", body))
    assert (decided["alternatives"], decided["reviewAt"], decided["reviewDueAt"]) == (
        ["A mirror"],
        LATER,
        None,
    )
    whole = data(bob.get(f"{here}/items/{electric.id}"))
    assert whole["supersedes"] == [{"id": str(gas.id), "title": "Gas"}]
    replaced = data(bob.get(f"{here}/items/{gas.id}"))
    assert (replaced["state"], replaced["supersededBy"]["title"]) == ("parked", "Electric")
    history = data(bob.get(f"{here}/items/{electric.id}/history"))
    assert history[0]["data"]["supersedes"] == [{"id": str(gas.id), "title": "Gas"}]


def test_an_agent_decides_in_the_same_words(agent: Program, cast: Cast, here: str) -> None:
    (lamp,) = add(cast, "Lamp")
    decided = data(agent.post(f"{here}/items/{lamp.id}/decide", {"alternatives": ["A mirror"]}))
    assert decided["alternatives"] == ["A mirror"]


def test_parking_until_something_happens(bob: Program, cast: Cast, here: str) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    parked = data(bob.post(f"{here}/items/{lamp.id}/park", {"wakeItemId": str(tower.id)}))
    assert parked["wakeItem"] == {"id": str(tower.id), "title": "Tower"}
    parked = data(bob.post(f"{here}/items/{lamp.id}/park", {"wakeSessions": 3}))
    assert (parked["wakeItem"], parked["wakeSessions"]) == (None, 3)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"wakeAt": LATER, "wakeSessions": 1}, "wakeSessions"),
        ({"wakeAt": "2001-01-01T00:00:00Z"}, "wakeAt"),
        ({"wakeItemId": str(uuid.uuid4())}, "wakeItemId"),
        ({"wakeSessions": 0}, "wakeSessions"),
        ({"wakeSessions": 51}, "wakeSessions"),
        ({"wakeSessions": True}, "wakeSessions"),
        ({"wakeSessions": "3"}, "wakeSessions"),
    ],
)
def test_a_wake_up_that_cannot_come_is_refused(
    bob: Program, cast: Cast, here: str, body: dict[str, object], field: str
) -> None:
    (lamp,) = add(cast, "Lamp")
    assert fields(bob.post(f"{here}/items/{lamp.id}/park", body)) == [field]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"alternatives": [" "]}, "alternatives[0]"),
        ({"alternatives": ["x"] * 21}, "alternatives"),
        ({"alternatives": "A mirror"}, "alternatives"),
        ({"supersedes": [str(uuid.uuid4())]}, "supersedes"),
        ({"supersedes": ["Gas"]}, "supersedes[0]"),
        ({"reviewAt": "2001-01-01T00:00:00Z"}, "reviewAt"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused(
    bob: Program, cast: Cast, here: str, body: dict[str, object], field: str
) -> None:
    (lamp,) = add(cast, "Lamp")
    assert fields(bob.post(f"{here}/items/{lamp.id}/decide", body)) == [field]


@pytest.mark.parametrize("word", ["contest", "challenge", "dispute"])
def test_contesting_and_confirming(bob: Program, cast: Cast, here: str, word: str) -> None:
    (lamp,) = add(cast, "Lamp")
    do(cast, "ann", items.decide_item, lamp.id)
    contested = data(bob.post(f"{here}/items/{lamp.id}/{word}", {"reason": "Too dear"}))
    assert (contested["state"], contested["contest"]["reason"]) == ("decided", "Too dear")
    assert contested["contest"]["by"]["name"] == "Bob"
    (question,) = data(bob.get(f"{here}/questions?status=open"))
    assert (question["askedBy"]["name"], question["options"]) == ("Bob", ["It stands", "Reopen it"])
    confirmed = data(bob.post(f"{here}/items/{lamp.id}/uphold", {"reviewAt": LATER}))
    assert (confirmed["contest"], confirmed["reviewAt"]) == (None, LATER)
    (question,) = data(bob.get(f"{here}/questions"))
    assert (question["status"], question["endedHow"]) == ("expired", "the decision was confirmed")


def test_a_contest_says_why_and_of_a_decision(bob: Program, cast: Cast, here: str) -> None:
    (lamp,) = add(cast, "Lamp")
    assert fields(bob.post(f"{here}/items/{lamp.id}/contest", {})) == ["reason"]
    refused = problem(bob.post(f"{here}/items/{lamp.id}/contest", {"reason": "No"}), 409)
    assert refused["current"]["state"] == "exploring"


def test_keeping_what_stands_still(agent: Program, cast: Cast, here: str) -> None:
    with clock.at(NINE):
        (lamp,) = add(cast, "Lamp")
    with clock.at(NINE + 20 * DAY):
        do(cast, "ann", projects.set_idle_parking, days=30)
    kept = data(agent.post(f"{here}/items/{lamp.id}/keep"))
    assert (kept["state"], kept["parksAt"]) == ("exploring", None)
    assert ledger(cast)[-1].kind == "item.kept"


def test_the_owner_lets_still_items_park(ann: Program, cast: Cast, here: str) -> None:
    assert data(ann.call("PATCH", here, {"idleParkDays": 60}))["idleParkDays"] == 60
    assert data(ann.call("PATCH", here, {"title": "Beacon"}))["idleParkDays"] == 60, "left out stays"
    assert data(ann.call("PATCH", here, {"idleParkDays": None}))["idleParkDays"] is None
    assert again(cast.project).idle_park_days is None
    for wrong in (0, 31, "30", True):
        assert fields(ann.call("PATCH", here, {"idleParkDays": wrong})) == ["idleParkDays"]
