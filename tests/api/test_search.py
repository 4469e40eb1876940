"""Search by the API."""

from __future__ import annotations

import pytest

from sessions_app.models import User
from sessions_app.services import messages
from tests.api.conftest import Program, data, fields
from tests.conftest import Cast
from tests.doing import add, by_agent


def test_words_are_found_best_first_as_plain_text(ann: Program, here: str, cast: Cast) -> None:
    (item,) = add(cast, "Copper & <tin>")
    by_agent(cast, "PlannerAgent", messages.post_message, text="Copper is dear")
    found = data(ann.get(f"{here}/search?q=coppe"))
    assert [(row["type"], row["title"], row["snippet"]) for row in found] == [
        ("item", "Copper & <tin>", ""),
        ("message", "", "Copper is dear"),
    ]
    assert found[0] | {"id": str(item.id), "state": "exploring", "who": "Bob"} == found[0]
    assert found[0]["url"].endswith(f"/items/{item.id}/")
    assert [row["type"] for row in data(ann.get(f"{here}/search?q=copper&type=message"))] == ["message"]
    assert len(data(ann.get(f"{here}/search?q=copper&limit=1"))) == 1
    assert data(ann.get(f"{here}/search")) == []


def test_a_person_who_hides_agents_hides_them_here_too(ann: Program, here: str, cast: Cast) -> None:
    by_agent(cast, "PlannerAgent", messages.post_message, text="Copper is dear")
    User.objects.filter(id=cast.ann.id).update(hides_agents=True)
    assert data(ann.get(f"{here}/search?q=copper")) == []


def test_an_agent_finds_too(agent: Program, here: str, cast: Cast) -> None:
    add(cast, "Copper")
    assert len(data(agent.get(f"{here}/search?q=copper"))) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [(f"q={'x' * 201}", "q"), ("q=x&type=person", "type"), ("q=x&limit=0", "limit"), ("q=x&page=2", "page")],
)
def test_bad_input_names_the_field(ann: Program, here: str, query: str, field: str) -> None:
    assert fields(ann.get(f"{here}/search?{query}")) == [field]
