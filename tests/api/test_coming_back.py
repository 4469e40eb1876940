"""What changed, decided without you, and "I'm caught up", by the API."""

from __future__ import annotations

import pytest

from sessions_app.services import items
from tests.api.conftest import Program, data, fields, problem
from tests.conftest import Cast
from tests.doing import add, again, counter, do, nothing_changes
from tests.panels.test_changes import visit


@pytest.fixture
def lamp(cast: Cast) -> items.Item:
    """A decision of Bob's that Ann was not there for."""
    visit(cast)
    (item,) = add(cast, "Lamp")
    do(cast, "bob", items.decide_item, item.id, reason="It is light")
    return again(item)


def test_what_a_person_is_told_newest_first(cast: Cast, ann: Program, here: str, lamp: items.Item) -> None:
    do(cast, "bob", items.explore_item, lamp.id)
    told = data(ann.get(f"{here}/changes?span=new"))
    assert [fact["kind"] for fact in told] == ["item.explored", "item.decided", "item.added"]
    assert told[0]["actor"]["name"] == "Bob"
    assert told[1]["data"]["reason"] == "It is light"
    only = data(ann.get(f"{here}/changes?span=since&kind=decided&by=people"))
    assert [fact["itemId"] for fact in only] == [str(lamp.id)]
    assert data(ann.get(f"{here}/changes?span=new&by=agents")) == []
    assert data(ann.get(f"{here}/changes?span=now")) == []


def test_it_is_read_a_page_at_a_time(cast: Cast, ann: Program, here: str) -> None:
    visit(cast)
    add(cast, *(f"Idea {n}" for n in range(7)))
    found, before = [], ""
    while before is not None:
        answer = ann.get(f"{here}/changes?span=new&limit=3{before and f'&before={before}'}")
        found += [fact["id"] for fact in data(answer)]
        before = answer.json()["next"]
    assert found == sorted(set(found), reverse=True)
    assert len(found) == 7


@pytest.mark.parametrize(
    ("query", "field"),
    [
        *(("span=old", "span"), ("span=new&kind=item.decided", "kind"), ("span=new&by=Bob", "by")),
        *(("span=new&before=x", "before"), ("span=new&after=1", "after"), ("span=new&cursor=1:1", "cursor")),
        *(("kind=decided", "kind"), ("by=people", "by"), ("before=1:1", "before")),
    ],
)
def test_a_filter_that_is_none_is_named(ann: Program, here: str, query: str, field: str) -> None:
    assert fields(ann.get(f"{here}/changes?{query}")) == [field]


def test_an_agent_has_no_span(agent: Program, here: str) -> None:
    assert fields(agent.get(f"{here}/changes?span=new")) == ["span"]


def test_decisions_are_read_accepted_and_taken_back(ann: Program, here: str, lamp: items.Item) -> None:
    (shown,) = data(ann.get(f"{here}/decisions/unseen"))
    assert (shown["id"], shown["decidedVersion"], shown["reason"]) == (
        str(lamp.id),
        lamp.decided_version,
        "It is light",
    )
    acceptance = f"{here}/decisions/{lamp.id}/acceptance"
    for _ in range(2):
        assert ann.post(acceptance, {"decidedVersion": lamp.decided_version}).status_code == 200
        assert data(ann.get(f"{here}/decisions/unseen")) == []
    for _ in range(2):
        assert ann.call("DELETE", acceptance).status_code == 200
        assert len(data(ann.get(f"{here}/decisions/unseen"))) == 1


def test_another_decision_is_not_the_one_that_was_accepted(
    cast: Cast, ann: Program, here: str, lamp: items.Item
) -> None:
    do(cast, "bob", items.decide_item, lamp.id, reason="Otherwise")
    with nothing_changes():
        refused = problem(
            ann.post(f"{here}/decisions/{lamp.id}/acceptance", {"decidedVersion": lamp.decided_version}), 409
        )
    assert refused["current"]["id"] == str(lamp.id)


def test_many_decisions_are_read_a_page_at_a_time(cast: Cast, ann: Program, here: str) -> None:
    visit(cast)
    for item in add(cast, *(f"Idea {n}" for n in range(7))):
        do(cast, "bob", items.decide_item, item.id)
    found, cursor = [], ""
    while cursor is not None:
        answer = ann.get(f"{here}/decisions/unseen?limit=3{cursor and f'&cursor={cursor}'}")
        found += [item["id"] for item in data(answer)]
        cursor = answer.json()["next"]
    assert len(found) == len(set(found)) == 7
    assert fields(ann.get(f"{here}/decisions/unseen?cursor=x")) == ["cursor"]


def test_caught_up_and_taken_back(cast: Cast, ann: Program, here: str, lamp: items.Item) -> None:
    version = counter(cast).version
    anchor = data(ann.post(f"{here}/caught-up", {"version": version}))
    assert anchor["version"] == version
    assert data(ann.get(f"{here}/changes?span=new")) == data(ann.get(f"{here}/decisions/unseen")) == []
    assert data(ann.get(f"/sessions/summary/me/{cast.project.id}"))["itemsDecided"] == 1
    assert data(ann.call("DELETE", f"{here}/caught-up")) == {"version": None, "at": None}
    assert len(data(ann.get(f"{here}/changes?span=new"))) == 2


@pytest.mark.parametrize("version", [-1, 10**6, 2**63, "1", 1.0, None, True])
def test_only_a_version_the_project_has_had(ann: Program, here: str, version: object) -> None:
    with nothing_changes():
        assert fields(ann.post(f"{here}/caught-up", {"version": version})) == ["version"]
