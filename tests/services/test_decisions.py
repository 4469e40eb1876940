"""Decisions worth keeping: alternatives, what they supersede, and the day to look at them again."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.jobs.upkeep import run_upkeep
from sessions_app.models import Item
from sessions_app.models.items import ALTERNATIVE_MAX_CHARACTERS
from sessions_app.services import items, reviews
from tests.conftest import Cast
from tests.doing import (
    DAY,
    HOUR,
    NINE,
    NOT_TEXT,
    add,
    again,
    counter,
    do,
    kinds,
    ledger,
    nothing_changes,
    refused_field,
)
from tests.services.test_reviews import assert_unflagged, confirm, review_step


def test_a_decision_keeps_what_else_was_considered(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    alternatives = ["  A  mirror ", "é" * ALTERNATIVE_MAX_CHARACTERS]
    decided = do(cast, "bob", items.decide_item, lamp.id, alternatives=alternatives)
    assert decided.alternatives == ["A mirror", "é" * ALTERNATIVE_MAX_CHARACTERS]
    assert ledger(cast)[-1].data["alternatives"] == decided.alternatives
    with nothing_changes():
        do(cast, "ann", items.decide_item, lamp.id, alternatives=alternatives)
    reopened = do(cast, "bob", items.explore_item, lamp.id)
    assert reopened.alternatives == [], "no word of the decision stays"


def test_alternatives_that_do_not_fit_are_refused_by_name(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    for wrong in ("", " ", "x" * (ALTERNATIVE_MAX_CHARACTERS + 1), *NOT_TEXT):
        refused = refused_field(do, cast, "bob", items.decide_item, lamp.id, alternatives=["A", wrong])
        assert refused == "alternatives[1]"
    many = ["A"] * (items.MOST_ALTERNATIVES + 1)
    assert refused_field(do, cast, "bob", items.decide_item, lamp.id, alternatives=many) == "alternatives"


def test_a_decision_takes_the_place_of_others(cast: Cast) -> None:
    gas, oil, electric = add(cast, "Gas", "Oil", "Electric")
    do(cast, "bob", items.decide_item, gas.id, reason="Bright")
    before = counter(cast).version
    do(cast, "ann", items.decide_item, electric.id, supersedes=[gas.id, oil.id, gas.id])
    for item in map(again, (gas, oil)):
        assert (item.state, item.reason, item.superseded_by_id, item.state_by_id) == (
            *("parked", "Superseded by “Electric”.", electric.id, cast.ann.id),
        )
    assert kinds(cast, before) == ["item.decided", "item.parked", "item.parked"]
    decided, *parked = ledger(cast, before)
    assert {row.version for row in (decided, *parked)} == {before + 1}
    assert sorted(other["title"] for other in decided.data["supersedes"]) == ["Gas", "Oil"]
    assert [row.data["superseded_by"] for row in parked] == [
        {"id": str(electric.id), "title": "Electric"}
    ] * 2
    with nothing_changes():
        do(cast, "ann", items.decide_item, electric.id, supersedes=[oil.id, gas.id])


@pytest.mark.parametrize("verb", [items.explore_item, items.decide_item, items.park_item])
def test_a_superseded_item_that_is_taken_up_again_is_no_longer(cast: Cast, verb: Callable[..., Item]) -> None:
    gas, electric = add(cast, "Gas", "Electric")
    do(cast, "ann", items.decide_item, electric.id, supersedes=[gas.id])
    do(cast, "bob", verb, gas.id, reason="After all")
    assert again(gas).superseded_by_id is None


def test_the_one_that_took_its_place_may_be_deleted(cast: Cast) -> None:
    gas, electric = add(cast, "Gas", "Electric")
    do(cast, "ann", items.decide_item, electric.id, supersedes=[gas.id])
    do(cast, "bob", items.delete_item, electric.id)
    assert (again(gas).state, again(gas).superseded_by_id) == ("parked", None)


def test_superseding_ends_the_review_of_what_it_replaces(cast: Cast) -> None:
    gas, electric = add(cast, "Gas", "Electric")
    do(cast, "bob", items.decide_item, gas.id)
    do(cast, "ann", reviews.contest_item, gas.id, reason="Too dear")
    do(cast, "ann", items.decide_item, electric.id, supersedes=[gas.id])
    assert_unflagged(again(gas))


def test_only_other_items_of_the_project_are_superseded(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    with acting_as(cast.zoe.id):
        theirs = items.add_item(cast.other.id, cast.actor("zoe"), title="Theirs")
    for wrong in ([lamp.id], [theirs.id], [uuid.uuid4()], [uuid.uuid4() for _ in range(21)]):
        assert refused_field(do, cast, "bob", items.decide_item, lamp.id, supersedes=wrong) == "supersedes"


def test_a_review_date_fires_once(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    with clock.at(NINE):
        do(cast, "bob", items.decide_item, lamp.id, reason="Light", review_at=NINE + DAY)
    assert ledger(cast)[-1].data["review_at"] == (NINE + DAY).isoformat()
    assert run_upkeep(NINE + DAY - HOUR).reviews_due == 0
    assert review_step(cast, lamp) is None
    before = counter(cast).version
    assert run_upkeep(NINE + DAY).reviews_due == 1
    assert run_upkeep(NINE + DAY).reviews_due == 0
    assert (again(lamp).state, again(lamp).review_due_at) == ("decided", NINE + DAY)
    (row,) = ledger(cast, before)
    assert (row.kind, row.actor_kind, row.data) == ("item.review_due", "system", {"title": "Lamp"})
    assert review_step(cast, lamp)["detail"] == ""


def test_a_review_ends_by_a_confirmation_and_comes_again_when_that_says_so(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    with clock.at(NINE):
        do(cast, "bob", items.decide_item, lamp.id, review_at=NINE + DAY)
    run_upkeep(NINE + DAY)
    with clock.at(NINE + DAY):
        confirmed = confirm(cast, lamp, review_at=NINE + 3 * DAY)
        assert_unflagged(confirmed)
        assert review_step(cast, lamp) is None
    assert run_upkeep(NINE + 2 * DAY).reviews_due == 0
    assert run_upkeep(NINE + 3 * DAY).reviews_due == 1
    assert confirm(cast, lamp).review_at is None
    assert run_upkeep(NINE + 9 * DAY).reviews_due == 0


@pytest.mark.parametrize("verb", [items.explore_item, items.park_item, items.decide_item])
def test_another_state_or_decision_ends_the_review_date(cast: Cast, verb: Callable[..., Item]) -> None:
    planned, due = add(cast, "Planned", "Due")
    with clock.at(NINE):
        do(cast, "bob", items.decide_item, due.id, review_at=NINE + DAY)
        do(cast, "bob", items.decide_item, planned.id, review_at=NINE + 3 * DAY)
    run_upkeep(NINE + DAY)
    for item in (planned, due):
        do(cast, "bob", verb, item.id, reason="Anew")
        assert (again(item).review_at, again(item).review_due_at) == (None, None)
    assert run_upkeep(NINE + 9 * DAY).reviews_due == 0


def test_a_review_date_in_the_past_is_refused(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    with clock.at(NINE):
        assert refused_field(do, cast, "bob", items.decide_item, lamp.id, review_at=NINE) == "review_at"
