"""Wake-ups when another item is decided, and after so many visits; those on a date are in test_items."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.jobs.upkeep import run_upkeep
from sessions_app.models import Item, User
from sessions_app.services import items, members, sessions
from tests.conftest import Cast
from tests.doing import (
    DAY,
    HOUR,
    NINE,
    add,
    again,
    by_agent,
    counter,
    do,
    kinds,
    ledger,
    nothing_changes,
    refused_field,
    the,
)
from tests.services.test_imports import LAMP, bring


def test_an_item_wakes_with_the_decision_it_was_parked_for(cast: Cast) -> None:
    """In the transaction that decides: nobody sees the one without the other."""
    lamp, tower = add(cast, "Lamp", "Tower")
    parked = do(cast, "bob", items.park_item, lamp.id, reason="First the tower", wake_item_id=tower.id)
    assert (parked.wake_item_id, ledger(cast)[-1].data["wake_item"]) == (
        tower.id,
        {"id": str(tower.id), "title": "Tower"},
    )
    decided = do(cast, "ann", items.decide_item, tower.id)
    woken = again(lamp)
    assert (woken.state, woken.woke_at is not None, woken.version) == ("parked", True, decided.version)
    row = next(row for row in ledger(cast) if row.kind == "item.woke")
    assert (row.version, row.actor_kind, row.item_id) == (decided.version, "system", lamp.id)
    assert row.data == {
        "title": "Lamp",
        "reason": "First the tower",
        "how": "“Tower” was decided",
        "after": "parked",
    }
    with nothing_changes():
        do(cast, "ann", items.decide_item, tower.id)
    do(cast, "ann", items.decide_item, tower.id, reason="Anew")
    assert kinds(cast).count("item.woke") == 1


def test_an_item_wakes_when_what_it_waits_for_is_deleted(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    do(cast, "bob", items.park_item, lamp.id, wake_item_id=tower.id)
    do(cast, "bob", items.delete_item, tower.id)
    assert (again(lamp).woke_at is not None, again(lamp).wake_item_id) == (True, None)
    assert [row.data["how"] for row in ledger(cast) if row.kind == "item.woke"] == ["“Tower” was deleted"]


def test_an_import_that_decides_wakes_too(cast: Cast) -> None:
    bring(cast, LAMP)
    (horn,) = add(cast, "Horn")
    imported = the(Item, cast, title=LAMP.title)
    do(cast, "bob", items.park_item, horn.id, wake_item_id=imported.id)
    bring(cast, replace(LAMP, state="decided"))
    assert again(horn).woke_at is not None


def test_a_new_state_ends_every_wake_up(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    do(cast, "bob", items.park_item, lamp.id, wake_item_id=tower.id)
    do(cast, "bob", items.explore_item, lamp.id)
    do(cast, "bob", items.decide_item, tower.id)
    assert (again(lamp).wake_item_id, again(lamp).woke_at) == (None, None)


def test_an_item_wakes_after_visits_of_whoever_parked_it(cast: Cast) -> None:
    """The visit in which it was parked does not count, nor do others'; the page wakes nothing."""
    (lamp,) = add(cast, "Lamp")
    visit(cast.bob, cast, NINE)
    with clock.at(NINE):
        do(cast, "bob", items.park_item, lamp.id, reason="Later", wake_sessions=2)
    visit(cast.ann, cast, NINE + HOUR)
    visit(cast.ann, cast, NINE + 2 * HOUR)
    visit(cast.bob, cast, NINE + DAY)
    assert run_upkeep(NINE + DAY).items_woken == 0
    visit(cast.bob, cast, NINE + 2 * DAY)
    assert again(lamp).woke_at is None
    assert run_upkeep(NINE + 2 * DAY).items_woken == 1
    assert run_upkeep(NINE + 2 * DAY).items_woken == 0
    assert (again(lamp).state, again(lamp).woke_at) == ("parked", NINE + 2 * DAY)
    row = next(row for row in ledger(cast) if row.kind == "item.woke")
    assert (row.data["how"], row.data["reason"]) == ("2 visits", "Later")


def test_anybodys_visits_count_where_an_agent_parked_it(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    with clock.at(NINE):
        by_agent(cast, "PlannerAgent", items.park_item, lamp.id, wake_sessions=2)
    visit(cast.ann, cast, NINE + HOUR)
    assert run_upkeep(NINE + HOUR).items_woken == 0
    visit(cast.vera, cast, NINE + HOUR)
    assert run_upkeep(NINE + HOUR).items_woken == 1


def test_anybodys_visits_count_where_who_parked_it_is_gone(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    with clock.at(NINE):
        do(cast, "bob", items.park_item, lamp.id, wake_sessions=1)
    visit(cast.ann, cast, NINE + HOUR)
    assert run_upkeep(NINE + HOUR).items_woken == 0
    do(cast, "ann", members.remove_member, cast.bob.id)
    assert run_upkeep(NINE + HOUR).items_woken == 1


def test_at_most_one_wake_up_and_one_that_can_come(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    (decided,) = add(cast, "Decided")
    do(cast, "bob", items.decide_item, decided.id)
    with acting_as(cast.zoe.id):
        theirs = items.add_item(cast.other.id, cast.actor("zoe"), title="Theirs")
    with clock.at(NINE):
        for wrong, field in (
            ({"wake_at": NINE + DAY, "wake_item_id": tower.id}, "wake_item_id"),
            ({"wake_at": NINE + DAY, "wake_sessions": 1}, "wake_sessions"),
            ({"wake_item_id": tower.id, "wake_sessions": 1}, "wake_sessions"),
            ({"wake_at": NINE}, "wake_at"),
            *(({"wake_item_id": other}, "wake_item_id") for other in (lamp.id, theirs.id, uuid.uuid4())),
            ({"wake_item_id": decided.id}, "wake_item_id"),
            *(({"wake_sessions": number}, "wake_sessions") for number in (-1, 0, 51)),
        ):
            assert refused_field(do, cast, "bob", items.park_item, lamp.id, **wrong) == field


def test_items_do_not_sleep_in_a_ring(cast: Cast) -> None:
    """However long; what is awake closes none."""
    lamp, tower, horn = add(cast, "Lamp", "Tower", "Horn")
    do(cast, "bob", items.park_item, lamp.id, wake_item_id=tower.id)
    assert refused_field(do, cast, "bob", items.park_item, tower.id, wake_item_id=lamp.id) == "wake_item_id"
    do(cast, "bob", items.park_item, tower.id, wake_item_id=horn.id)
    assert refused_field(do, cast, "bob", items.park_item, horn.id, wake_item_id=lamp.id) == "wake_item_id"
    do(cast, "bob", items.explore_item, tower.id)
    do(cast, "bob", items.park_item, horn.id, wake_item_id=lamp.id)
    assert again(horn).wake_item_id == lamp.id


@pytest.mark.parametrize("number", [1, 50])
def test_the_same_wake_up_twice_changes_nothing(cast: Cast, number: int) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    for wake_up in ({"wake_sessions": number}, {"wake_item_id": tower.id}):
        do(cast, "bob", items.park_item, lamp.id, **wake_up)
        before = counter(cast).version
        with nothing_changes():
            do(cast, "ann", items.park_item, lamp.id, **wake_up)
        assert counter(cast).version == before


@pytest.mark.parametrize("woken_by", ["decided", "deleted"])
def test_what_woke_is_put_to_sleep_again_in_the_same_words(cast: Cast, woken_by: str) -> None:
    """Also where the item that woke it is gone, so that it says no wake-up any more."""
    lamp, tower = add(cast, "Lamp", "Tower")
    do(cast, "bob", items.park_item, lamp.id, reason="Later", wake_item_id=tower.id)
    do(cast, "bob", items.decide_item if woken_by == "decided" else items.delete_item, tower.id)
    if woken_by == "decided":
        do(cast, "bob", items.explore_item, tower.id)
    wake_up = {"wake_item_id": again(lamp).wake_item_id}
    parked = do(cast, "bob", items.park_item, lamp.id, reason="Later", **wake_up)
    assert (again(lamp).state, again(lamp).woke_at) == ("parked", None)
    assert parked.state_version == counter(cast).version
    assert kinds(cast)[-1] == "item.parked"
    with nothing_changes():
        do(cast, "bob", items.park_item, lamp.id, reason="Later", **wake_up)


def visit(person: User, cast: Cast, moment: dt.datetime) -> None:
    """A session of its own."""
    with clock.at(moment), acting_as(person.id):
        sessions.start_session(person.id, cast.project.id)
