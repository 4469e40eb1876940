"""Agents' reports by the API: one at a time, and up to a hundred of which all are taken or none."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from sessions_app import clock
from tests.api.conftest import Program, agent_program, data, fields
from tests.conftest import Cast
from tests.doing import NINE, add, nothing_changes, report

BATCH = "agent-activity/batch"


def batch(count: int) -> dict[str, Any]:
    return {"activities": [{"action": f"step {number}"} for number in range(count)]}


def test_a_hundred_are_taken_at_once_in_their_order(agent: Program, here: str) -> None:
    taken = data(agent.post(f"{here}/{BATCH}", batch(100)), 202)
    rows = {row["id"]: row["action"] for row in data(agent.get(f"{here}/agent-activity?limit=100"))}
    assert [rows[one["id"]] for one in taken] == [f"step {number}" for number in range(100)]


@pytest.mark.parametrize("count", [0, 101])
def test_one_more_and_none_are_refused(agent: Program, here: str, count: int) -> None:
    with nothing_changes():
        assert fields(agent.post(f"{here}/{BATCH}", batch(count))) == ["activities"]


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"action": ""}, "action"),
        ({"action": "x" * 201}, "action"),
        ({"action": "x", "details": {"question": 5}}, "details.question"),
        ({"action": "x", "details": {"blocks": [str(uuid.UUID(int=1))], "question": "?"}}, "details.blocks"),
        ({"action": "x", "details": {"gaps": "none"}}, "details.gaps"),
        ({"action": "x", "occurredAt": "yesterday"}, "occurredAt"),
        ({"action": "x", "agentType": "OtherAgent"}, "agentType"),
        ({"action": "x", "unknown": 1}, "unknown"),
    ],
)
def test_one_that_is_wrong_is_named_and_none_is_taken(
    agent: Program, here: str, bad: dict[str, Any], field: str
) -> None:
    many = batch(3)
    many["activities"][1] = bad
    with nothing_changes():
        assert fields(agent.post(f"{here}/{BATCH}", many)) == [f"activities[1].{field}"]


def test_an_event_counts_once_also_within_a_batch(agent: Program, here: str) -> None:
    event = str(uuid.uuid4())
    same = {"activities": [{"action": "twice", "eventId": event}] * 2}
    first, second = data(agent.post(f"{here}/{BATCH}", same), 202)
    assert first["id"]
    assert second == {"id": None, "eventId": event}
    assert len(data(agent.get(f"{here}/agent-activity"))) == 1


def test_when_it_happened_is_shown_back_and_orders_nothing(cast: Cast, here: str) -> None:
    """Case F09: in UTC, and beside when it was received."""
    with clock.at(NINE):
        agent = agent_program(cast)
        for moment in ("2026-03-02T10:00:00+02:00", "2026-03-01T23:30:00-12:00"):
            data(agent.post(f"{here}/agent-activity", {"action": moment, "occurredAt": moment}), 202)
        data(agent.post(f"{here}/agent-activity", {"action": "unsaid"}), 202)
        shown = {row["action"]: row for row in data(agent.get(f"{here}/agent-activity"))}
    assert {action: row["occurredAt"] for action, row in shown.items()} == {
        "2026-03-02T10:00:00+02:00": "2026-03-02T08:00:00Z",
        "2026-03-01T23:30:00-12:00": "2026-03-02T11:30:00Z",
        "unsaid": None,
    }
    assert {row["receivedAt"] for row in shown.values()} == {"2026-03-02T09:00:00Z"}


def test_what_became_of_a_report_is_in_the_feed(agent: Program, cast: Cast, here: str) -> None:
    item = add(cast, "Hall")[0]
    data(agent.post(f"{here}/agent-activity", {"action": "waits"}), 202)
    assert data(agent.get(f"{here}/agent-activity"))[0]["isDigested"] is False
    report(cast, "PlannerAgent", {"question": "Which one?", "blocks": [str(item.id)]})
    assert [row["isDigested"] for row in data(agent.get(f"{here}/agent-activity"))] == [True, True]
    (question,) = data(agent.get(f"{here}/questions"))
    assert (question["text"], question["blocks"]) == ("Which one?", [str(item.id)])
