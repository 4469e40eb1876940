"""The decision log out of the ledger, and how well decisions hold."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.exporters.rows import DecisionRow
from sessions_app.models import Item
from sessions_app.panels import decisions
from sessions_app.panels.decisions import Asked
from sessions_app.services import imports, items, rollups
from tests.conftest import Cast
from tests.doing import DAY, NINE, add, by_agent, do
from tests.views.test_queries import Record


def log(cast: Cast, *, history: bool = False, by: str = "", words: str = "") -> list[DecisionRow]:
    """Ann's log of Lighthouse."""
    with acting_as(cast.ann.id):
        return decisions.read(cast.project.id, Asked(history, by, words), most=100)


def told(rows: list[DecisionRow]) -> list[tuple[str, str]]:
    return [(row.title, row.fate) for row in rows]


def test_what_stands_is_told_newest_first_with_all_that_is_known(cast: Cast) -> None:
    hall, tent = add(cast, "Hall", "Tent")
    do(cast, "bob", items.decide_item, tent.id, reason="Cheap", outcome="accepted")
    by_agent(cast, "PlannerAgent", items.decide_item, hall.id, reason="A stage")
    with acting_as_system([cast.project.id]):
        Item.objects.filter(id=hall.id).update(
            alternatives=["Barn", "Church"],
            citation_quote="the hall it is",
            review_at=NINE,
            contested_at=NINE,
            contested_by=cast.bob,
            contest_reason="Too dear",
        )
    first, second = log(cast)
    assert (first.title, first.reason, first.by, first.decided_by) == (
        *("Hall", "A stage", "agent"),
        ("PlannerAgent",),
    )
    assert (first.alternatives, first.quote, first.review_at) == (("Barn", "Church"), "the hall it is", NINE)
    assert (first.contested_at, first.contested_by, first.contest_reason) == (NINE, "Bob", "Too dear")
    assert (second.title, second.outcome, second.by, second.decided_by) == (
        "Tent",
        "accepted",
        "user",
        ("Bob",),
    )
    assert not second.has_more


def test_what_stands_no_longer_is_history(cast: Cast) -> None:
    reopened, parked, deleted, again, stands = add(cast, "Reopened", "Parked", "Deleted", "Again", "Stands")
    for item in (reopened, parked, deleted, again, stands):
        do(cast, "bob", items.decide_item, item.id, reason=f"First of {item.title}")
    do(cast, "ann", items.explore_item, reopened.id, reason="New facts")
    do(cast, "ann", items.park_item, parked.id)
    do(cast, "ann", items.delete_item, deleted.id)
    do(cast, "ann", items.decide_item, again.id, reason="In other words")
    assert told(log(cast)) == [("Again", "stands"), ("Stands", "stands")]
    assert told(log(cast, history=True)) == [
        ("Again", "stands"),
        ("Stands", "stands"),
        ("Again", "decided again"),
        ("Deleted", "deleted"),
        ("Parked", "parked"),
        ("Reopened", "reopened"),
    ]
    oldest = log(cast, history=True)[-1]
    # As it was then, not as the item is now.
    assert oldest.reason == "First of Reopened"
    assert oldest.ended_at is not None
    assert oldest.is_there
    assert not log(cast, history=True)[3].is_there


def test_one_that_another_took_the_place_of_is_history_and_says_which(cast: Cast) -> None:
    old, new = add(cast, "Tent", "Hall")
    do(cast, "bob", items.decide_item, old.id, reason="Cheap", alternatives=["Barn"])
    do(cast, "bob", items.decide_item, new.id, supersedes=[old.id])
    (standing,) = log(cast)
    assert [one.title for one in standing.supersedes] == ["Tent"]
    superseded = log(cast, history=True)[1]
    assert superseded.fate == "superseded"
    assert (superseded.reason, superseded.alternatives) == ("Cheap", ("Barn",))
    assert superseded.superseded_by is not None
    assert superseded.superseded_by.title == "Hall"


def test_the_filters(cast: Cast) -> None:
    hall, tent, barn = add(cast, "Hall", "Tent", "Barn")
    do(cast, "bob", items.decide_item, hall.id, reason="Granite walls")
    by_agent(cast, "PlannerAgent", items.decide_item, tent.id, reason="Light")
    do(cast, "bob", items.decide_item, barn.id, reason="Granite floor")
    do(cast, "bob", items.explore_item, barn.id)
    with acting_as_system([cast.project.id]):
        imports.import_rows(
            cast.project.id,
            "adr",
            [Record("1", "Mill", "decided", reason="Old granite", people=("Eve", "Li"))],
        )
    assert told(log(cast, by="agent")) == [("Tent", "stands")]
    assert [row.decided_by for row in log(cast, by="system")] == [("Eve", "Li")]
    assert [row.title for row in log(cast, words="granit")] == ["Mill", "Hall"]
    assert [row.title for row in log(cast, words="granite -old")] == ["Hall"]
    assert [row.title for row in log(cast, words="granite", history=True, by="user")] == ["Barn", "Hall"]
    assert log(cast, words="marble") == []


def test_pages_follow_one_another(cast: Cast) -> None:
    for item in add(cast, *"ABCDE"):
        do(cast, "bob", items.decide_item, item.id)
    seen, cursor = [], ""
    with acting_as(cast.ann.id):
        for _ in range(3):
            rows, cursor = decisions.page(cast.project.id, Asked(), cursor=cursor, most=2)
            seen += [row.title for row in rows]
        assert cursor == ""
        with pytest.raises(ValueError, match="cursor"):
            decisions.page(cast.project.id, Asked(), cursor="x", most=2)
    assert seen == [*"EDCBA"]


def test_an_item_keeps_its_number(cast: Cast) -> None:
    one, two = add(cast, "One", "Two")
    for item in (one, two):
        do(cast, "bob", items.decide_item, item.id)
    do(cast, "bob", items.explore_item, one.id)
    do(cast, "bob", items.decide_item, one.id)
    with acting_as(cast.ann.id):
        assert decisions.numbers(cast.project.id) == {one.id: 1, two.id: 2}


@pytest.mark.parametrize("rolled_up_after", [(), (3,), (2, 4, 6)])
def test_how_well_decisions_hold(cast: Cast, rolled_up_after: tuple[int, ...]) -> None:
    """Reopened after 4 days; superseded after 6; parked after 2; reworded, and standing for 10.

    The same, however much of it is rolled up by then.
    """
    with time_machine.travel(NINE, tick=False) as clock:
        four, six, two, ten, later = add(cast, "4", "6", "2", "10", "later")
        for item in (four, six, two, ten):
            do(cast, "bob", items.decide_item, item.id)
        for day, act in (
            (2, lambda: do(cast, "bob", items.park_item, two.id)),
            (3, lambda: do(cast, "bob", items.decide_item, ten.id, reason="In other words")),
            (4, lambda: do(cast, "bob", items.explore_item, four.id)),
            (6, lambda: do(cast, "bob", items.decide_item, later.id, supersedes=[six.id])),
        ):
            clock.move_to(NINE + day * DAY)
            act()
            if day in rolled_up_after:
                rollups.roll_up(cast.project.id)
        clock.move_to(NINE + 10 * DAY)
        with acting_as(cast.ann.id):
            found = decisions.project_stability(cast.project.id)
    # 1 * 3/4 (4 d; the parked one is gone, the later one has stood for exactly these 4) * 1/2 (6 d).
    assert (found.decisions, found.reopened, found.superseded) == (5, 1, 1)
    assert found.half_life == dt.timedelta(days=6)
    assert found.still_standing == pytest.approx(3 / 8)
    assert found.seen_for == dt.timedelta(days=10)


def test_another_projects_decisions_are_not_told(cast: Cast) -> None:
    (item,) = add(cast, "Hall")
    do(cast, "bob", items.decide_item, item.id)
    with acting_as(cast.zoe.id):
        assert decisions.read(cast.project.id, Asked(history=True), most=9) == []
        assert decisions.numbers(cast.project.id) == {}
        assert decisions.project_stability(cast.project.id).decisions == 0
