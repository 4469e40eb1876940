"""Which item waits for which, and the blockers that follow from it."""

from __future__ import annotations

import uuid

import pytest
from django.db import DatabaseError

from sessions_app.db.rls import acting_as
from sessions_app.models import Blocker, BlockerItem, Item, ItemDependency
from sessions_app.services import blockers, dependencies, items
from sessions_app.services.errors import Invalid, NotFound
from tests.conftest import Cast
from tests.doing import (
    add,
    again,
    counter,
    do,
    every,
    item_ids,
    kinds,
    ledger,
    nothing_changes,
    refused_field,
    report,
    the,
)


def test_waiting_raises_a_blocker_that_names_who_waits(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    before = counter(cast).version
    waits(cast, lamp, tower)
    blocker = the(Blocker, cast)
    assert (blocker.text, blocker.type, blocker.source) == ("Tower", "decision", "dependency")
    assert (blocker.item_id, blocker.status, stopped(cast, blocker)) == (tower.id, "open", {lamp.id})
    assert counter(cast).blockers_open == 1
    wait, raised = ledger(cast, before)
    assert (wait.kind, wait.item_id, wait.actor_id) == ("item.waits", lamp.id, cast.bob.id)
    assert wait.data == {"title": "Lamp", "blocking": {"id": str(tower.id), "title": "Tower"}}
    assert (raised.kind, raised.blocker_id, raised.actor_kind) == ("blocker.raised", blocker.id, "system")
    assert raised.data == {
        "text": "Tower",
        "type": "decision",
        "source": "dependency",
        "items": [str(lamp.id)],
    }
    assert wait.version == raised.version == before + 1


def test_waiting_twice_is_once(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    waits(cast, lamp, tower)
    with nothing_changes():
        waits(cast, lamp, tower)


def test_nobody_waits_for_themselves_nor_round_a_corner(cast: Cast) -> None:
    a, b, c = add(cast, "A", "B", "C")
    waits(cast, a, b)
    waits(cast, b, c)
    for waiting, blocking in ((a, a), (b, a), (c, b), (c, a)):
        assert refused_field(waits, cast, waiting, blocking) == "blocking"


def test_two_ways_to_the_same_item_are_no_ring(cast: Cast) -> None:
    a, b, c = add(cast, "A", "B", "C")
    waits(cast, a, b)
    waits(cast, b, c)
    waits(cast, a, c)
    assert stopped(cast, the(Blocker, cast, item_id=c.id)) == {a.id, b.id}


def test_another_projects_item_is_not_found(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    with acting_as(cast.zoe.id):
        others = items.add_item(cast.other.id, cast.actor("zoe"), title="Zoe's")
    for pair in ((lamp.id, others.id), (others.id, lamp.id), (lamp.id, uuid.uuid4())):
        with nothing_changes(), pytest.raises(NotFound):
            do(cast, "bob", dependencies.add_dependency, waiting_id=pair[0], blocking_id=pair[1])


def test_an_outsider_is_refused(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    with nothing_changes(), pytest.raises(DatabaseError):
        do(cast, "zoe", dependencies.add_dependency, waiting_id=lamp.id, blocking_id=tower.id)


def test_when_nothing_waits_any_more_the_blocker_clears(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    waits(cast, lamp, tower)
    before = counter(cast).version
    waits_no_more(cast, lamp, tower)
    cleared = the(Blocker, cast)
    assert (cleared.status, cleared.ended_how) == ("cleared", "no longer waited for")
    assert every(ItemDependency, cast) == []
    no_more, clear = ledger(cast, before)
    assert (no_more.kind, no_more.item_id) == ("item.waits_no_more", lamp.id)
    assert no_more.data == {"title": "Lamp", "blocking": {"id": str(tower.id), "title": "Tower"}}
    assert (clear.kind, clear.data) == ("blocker.cleared", {"text": "Tower", "how": "no longer waited for"})
    with nothing_changes():
        waits_no_more(cast, lamp, tower)


def test_who_waits_is_kept_up_to_date_on_one_blocker(cast: Cast) -> None:
    lamp, horn, tower = add(cast, "Lamp", "Horn", "Tower")
    waits(cast, lamp, tower)
    waits(cast, horn, tower)
    blocker = the(Blocker, cast)
    assert stopped(cast, blocker) == {lamp.id, horn.id}
    assert ledger(cast)[-1].kind == "blocker.changed"
    assert item_ids(ledger(cast)[-1].data["items"]) == {lamp.id, horn.id}
    assert ledger(cast)[-1].data["text"] == "Tower"
    waits_no_more(cast, lamp, tower)
    assert stopped(cast, blocker) == {horn.id}
    assert again(blocker).status == "open"


@pytest.mark.parametrize("verb", [items.decide_item, items.park_item], ids=["decided", "parked"])
def test_the_blocker_clears_with_what_is_waited_for(cast: Cast, verb) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    waits(cast, lamp, tower)
    moved = do(cast, "ann", verb, tower.id)
    cleared = the(Blocker, cast)
    assert (cleared.status, cleared.ended_how) == ("cleared", f"item {moved.state}")
    assert counter(cast).blockers_open == 0


@pytest.mark.parametrize("verb", [items.decide_item, items.park_item], ids=["decided", "parked"])
def test_the_blocker_clears_with_the_last_that_waits(cast: Cast, verb) -> None:
    lamp, horn, tower = add(cast, "Lamp", "Horn", "Tower")
    waits(cast, lamp, tower)
    waits(cast, horn, tower)
    do(cast, "ann", verb, lamp.id)
    assert stopped(cast, the(Blocker, cast)) == {horn.id}
    do(cast, "ann", verb, horn.id)
    assert the(Blocker, cast).status == "cleared"


def test_a_reopened_item_gets_a_new_row(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    waits(cast, lamp, tower)
    do(cast, "ann", items.decide_item, tower.id)
    do(cast, "ann", items.explore_item, tower.id)
    old, new = every(Blocker, cast)
    assert (old.status, new.status) == ("cleared", "open")
    assert stopped(cast, new) == {lamp.id}
    assert kinds(cast)[-2:] == ["item.explored", "blocker.raised"]


def test_one_that_comes_back_waits_again(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    waits(cast, lamp, tower)
    do(cast, "ann", items.park_item, lamp.id)
    do(cast, "ann", items.explore_item, lamp.id)
    assert [row.status for row in every(Blocker, cast)] == ["cleared", "open"]


def test_deciding_one_frees_what_it_waited_for_and_stops_what_waits(cast: Cast) -> None:
    """In the middle of a chain both neighbours' blockers follow in the same transaction."""
    a, b, c = add(cast, "A", "B", "C")
    waits(cast, a, b)
    waits(cast, b, c)
    do(cast, "ann", items.decide_item, b.id)
    assert {row.item_id for row in every(Blocker, cast, status="open")} == set()
    do(cast, "ann", items.explore_item, b.id)
    assert {row.item_id for row in every(Blocker, cast, status="open")} == {b.id, c.id}


def test_waiting_for_something_decided_blocks_nothing(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    do(cast, "ann", items.decide_item, tower.id)
    waits(cast, lamp, tower)
    assert every(Blocker, cast) == []
    do(cast, "ann", items.explore_item, tower.id)
    assert the(Blocker, cast).status == "open"


def test_a_rename_follows(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    waits(cast, lamp, tower)
    do(cast, "ann", items.edit_item, tower.id, title="Keep", text="", version=tower.version)
    assert the(Blocker, cast).text == "Keep"
    do(cast, "ann", items.decide_item, tower.id)
    do(cast, "ann", items.edit_item, tower.id, title="Fort", text="", version=again(tower).version)
    assert the(Blocker, cast).text == "Keep", "what is over keeps the words it had"


def test_deleting_what_is_waited_for_clears_the_blocker(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    waits(cast, lamp, tower)
    do(cast, "ann", items.delete_item, tower.id)
    cleared = the(Blocker, cast)
    assert (cleared.status, cleared.ended_how, cleared.item_id) == ("cleared", "item deleted", None)
    assert (ledger(cast)[-1].kind, ledger(cast)[-1].item_id) == ("blocker.cleared", tower.id)
    assert every(ItemDependency, cast) == []
    assert [row.title for row in every(Item, cast)] == ["Lamp"]


def test_deleting_what_waits_clears_the_blocker(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    waits(cast, lamp, tower)
    do(cast, "ann", items.delete_item, lamp.id)
    assert the(Blocker, cast).status == "cleared"


def test_nobody_clears_or_dismisses_it_by_hand(cast: Cast) -> None:
    """It follows the items: by hand it would be back with the next change."""
    lamp, tower = add(cast, "Lamp", "Tower")
    waits(cast, lamp, tower)
    blocker = the(Blocker, cast)
    for verb in (blockers.clear_blocker, blockers.dismiss_blocker):
        with nothing_changes(), pytest.raises(Invalid):
            do(cast, "ann", verb, blocker.id)


@pytest.mark.parametrize("key", ["fills", "resolves"])
def test_no_report_clears_it_either(cast: Cast, key: str) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    waits(cast, lamp, tower)
    blocker = the(Blocker, cast)
    before = counter(cast).version
    report(cast, "ResearchAgent", {key: [str(blocker.id)]})
    assert (again(blocker).status, counter(cast).version) == ("open", before)


def test_no_new_item_fills_it(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    waits(cast, lamp, tower)
    do(cast, "bob", items.add_item, title="Filler", fills=[the(Blocker, cast).id])
    assert the(Blocker, cast).status == "open"


def waits(cast: Cast, waiting: Item, blocking: Item) -> None:
    do(cast, "bob", dependencies.add_dependency, waiting_id=waiting.id, blocking_id=blocking.id)


def waits_no_more(cast: Cast, waiting: Item, blocking: Item) -> None:
    do(cast, "bob", dependencies.remove_dependency, waiting_id=waiting.id, blocking_id=blocking.id)


def stopped(cast: Cast, blocker: Blocker) -> set[uuid.UUID]:
    """The items the blocker stops."""
    with acting_as(cast.bob.id):
        return set(BlockerItem.objects.filter(blocker=blocker).values_list("item_id", flat=True))
