"""The chat by the API: agents ask in what they say, people edit what they said."""

from __future__ import annotations

import pytest

from sessions_app.models import Blocker
from tests.api.conftest import Program, data, fields, problem
from tests.conftest import Cast
from tests.doing import every, nothing_changes

ASKED = {"question": "Is there parking?", "importance": "low", "category": "place"}


def test_an_agents_message_asks(ann: Program, agent: Program, cast: Cast, here: str) -> None:
    """A question each, and no blocker, by the table of rules."""
    metadata = {"agentQuestions": [ASKED, {"question": "Who has the keys?"}], "of": "mine"}
    said = data(agent.post(f"{here}/messages", {"text": "Two things.", "metadata": metadata}), 201)
    assert (said["role"], said["author"]["agentType"], said["metadata"]) == (
        "assistant",
        "PlannerAgent",
        metadata,
    )
    shown = {row["text"]: row for row in data(ann.get(f"{here}/questions?status=open"))}
    assert set(shown) == {"Is there parking?", "Who has the keys?"}
    asked = shown["Is there parking?"]
    assert (asked["agentType"], asked["importance"], asked["category"]) == ("PlannerAgent", "low", "place")
    assert every(Blocker, cast) == []


def test_asked_again_it_is_the_same_question(agent: Program, here: str) -> None:
    for _ in range(2):
        data(agent.post(f"{here}/messages", {"text": "?", "metadata": {"agentQuestions": [ASKED]}}), 201)
    (question,) = data(agent.get(f"{here}/questions"))
    assert question["timesSeen"] == 2


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("Is there parking?", "metadata.agentQuestions"),
        ([{}], "metadata.agentQuestions[0].question"),
        ([ASKED, {"question": 5}], "metadata.agentQuestions[1].question"),
        ([ASKED] * 51, "metadata.agentQuestions"),
    ],
)
def test_questions_of_another_shape_are_named(agent: Program, here: str, asked: object, field: str) -> None:
    with nothing_changes():
        refused = agent.post(f"{here}/messages", {"text": "?", "metadata": {"agentQuestions": asked}})
        assert fields(refused) == [field]


def test_a_person_asks_by_words_alone(ann: Program, here: str) -> None:
    with nothing_changes():
        refused = ann.post(f"{here}/messages", {"text": "?", "metadata": {"agentQuestions": [ASKED]}})
        assert fields(refused) == ["metadata"]


def test_one_edits_and_deletes_ones_own(ann: Program, bob: Program, here: str) -> None:
    said = data(ann.post(f"{here}/messages", {"text": "Hello"}), 201)
    path = f"{here}/messages/{said['id']}"
    problem(bob.call("PATCH", path, {"text": "No"}), 403)
    edited = data(ann.call("PATCH", path, {"text": "Hello all"}))
    assert (edited["text"], edited["editedAt"] is None) == ("Hello all", False)
    problem(bob.call("DELETE", path), 403)
    assert ann.call("DELETE", path).status_code == 200
    (gone,) = data(bob.get(f"{here}/messages"))
    assert (gone["id"], gone["text"], gone["isDeleted"]) == (said["id"], "", True)
