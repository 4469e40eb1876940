"""Items that stand still: kept, warned of, and parked where the owner wants it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.insights import standstill
from sessions_app.jobs.upkeep import run_upkeep
from sessions_app.models import Blocker, Item
from sessions_app.services import dependencies, idling, items, projects
from sessions_app.services.errors import Conflict, NotFound
from tests.conftest import Cast
from tests.doing import DAY, HOUR, NINE, add, again, counter, do, every, kinds, ledger, nothing_changes, the
from tests.services.test_imports import LAMP, bring


def test_nothing_is_parked_unless_the_owner_wants_it(cast: Cast) -> None:
    (lamp,) = add_at(cast, NINE, "Lamp")
    assert upkeep(NINE + 400 * DAY) == (0, 0)
    assert again(lamp).state == "exploring"


def test_what_stands_still_is_warned_of_a_week_before_and_then_parked(cast: Cast) -> None:
    set_idle_parking(cast, 30)
    (lamp,) = add_at(cast, NINE, "Lamp")
    assert upkeep(NINE + 23 * DAY - HOUR) == (0, 0)
    before = counter(cast).version
    assert upkeep(NINE + 23 * DAY) == (1, 0)
    warned = again(lamp)
    assert (warned.state, warned.idle_warned_at, warned.changed_at) == ("exploring", NINE + 23 * DAY, NINE)
    (row,) = ledger(cast, before)
    assert (row.kind, row.actor_kind) == ("item.stands_still", "system")
    assert row.data == {"title": "Lamp", "parks_at": (NINE + 30 * DAY).isoformat()}
    assert upkeep(NINE + 30 * DAY - HOUR) == (0, 0)
    assert upkeep(NINE + 30 * DAY) == (0, 1)
    assert upkeep(NINE + 30 * DAY) == (0, 0)
    parked = again(lamp)
    assert (parked.state, parked.reason, parked.idle_warned_at) == (
        "parked",
        "Nothing moved for 30 days.",
        None,
    )
    row = ledger(cast)[-1]
    assert (row.kind, row.actor_kind, row.data["before"]) == ("item.parked", "system", "exploring")


def test_even_what_is_long_overdue_is_warned_of_for_a_week(cast: Cast) -> None:
    (lamp,) = add_at(cast, NINE, "Lamp")
    set_idle_parking(cast, 90)
    late = NINE + 400 * DAY
    assert upkeep(late) == (1, 0)
    assert ledger(cast)[-1].data["parks_at"] == (late + 7 * DAY).isoformat()
    assert upkeep(late + 7 * DAY - HOUR) == (0, 0)
    assert upkeep(late + 7 * DAY) == (0, 1)
    assert again(lamp).reason == "Nothing moved for 407 days."


@pytest.mark.parametrize("verb", ["edit", "keep", "explore"])
def test_any_change_takes_the_warning_back(cast: Cast, verb: str) -> None:
    set_idle_parking(cast, 30)
    (lamp,) = add_at(cast, NINE, "Lamp")
    assert upkeep(NINE + 23 * DAY) == (1, 0)
    with clock.at(NINE + 24 * DAY):
        if verb == "edit":
            version = again(lamp).version
            do(cast, "bob", items.edit_item, lamp.id, title="Lens", text="", version=version)
        elif verb == "keep":
            do(cast, "bob", idling.keep_item, lamp.id)
        else:
            do(cast, "bob", items.explore_item, lamp.id, reason="It still matters")
    assert (again(lamp).idle_warned_at, again(lamp).changed_at) == (None, NINE + 24 * DAY)
    assert upkeep(NINE + 40 * DAY) == (0, 0)
    assert upkeep(NINE + 47 * DAY) == (1, 0), "and it begins anew"


def test_an_edit_by_an_import_takes_the_warning_back(cast: Cast) -> None:
    bring(cast, LAMP)
    set_idle_parking(cast, 30)
    run_upkeep(NINE + 23 * DAY)
    assert the(Item, cast).idle_warned_at is not None
    bring(cast, replace(LAMP, title="Lantern"))
    assert the(Item, cast).idle_warned_at is None


def test_keeping_is_told_and_counts_as_a_move(cast: Cast) -> None:
    (lamp,) = add_at(cast, NINE, "Lamp")
    later = NINE + standstill.STILL_DAYS * DAY
    with clock.at(later):
        kept = do(cast, "bob", idling.keep_item, lamp.id)
        assert (kept.changed_at, kept.state) == (later, "exploring")
        assert (ledger(cast)[-1].kind, ledger(cast)[-1].data) == ("item.kept", {"title": "Lamp"})
        with nothing_changes():
            do(cast, "ann", idling.keep_item, lamp.id)


def test_what_moves_needs_no_keeping(cast: Cast) -> None:
    (lamp,) = add_at(cast, NINE, "Lamp")
    with clock.at(NINE + 13 * DAY), nothing_changes():
        do(cast, "bob", idling.keep_item, lamp.id)


def test_only_what_is_open_is_kept(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    for verb in (items.decide_item, items.park_item):
        do(cast, "bob", verb, lamp.id)
        with nothing_changes(), pytest.raises(Conflict, match="not exploring"):
            do(cast, "bob", idling.keep_item, lamp.id)
    with acting_as(cast.zoe.id):
        theirs = items.add_item(cast.other.id, cast.actor("zoe"), title="Theirs")
    with nothing_changes(), pytest.raises(NotFound):
        do(cast, "bob", idling.keep_item, theirs.id)


def test_an_old_project_is_warned_of_and_parked_a_batch_at_a_time(cast: Cast, monkeypatch) -> None:
    """No transaction of minutes after an import of a thousand old items."""
    monkeypatch.setattr(idling, "BATCH_ITEMS", 2)
    set_idle_parking(cast, 30)
    add_at(cast, NINE, *"ABCDE")
    late = NINE + 100 * DAY
    versions = counter(cast).version
    assert [upkeep(late) for _ in range(4)] == [(2, 0), (2, 0), (1, 0), (0, 0)]
    assert counter(cast).version == versions + 3, "one version a batch"
    assert [upkeep(late + 7 * DAY) for _ in range(4)] == [(0, 2), (0, 2), (0, 1), (0, 0)]
    assert {item.state for item in every(Item, cast)} == {"parked"}


def test_blockers_follow_what_parks_itself(cast: Cast) -> None:
    set_idle_parking(cast, 30)
    lamp, tower = add_at(cast, NINE, "Lamp", "Tower")
    do(cast, "bob", dependencies.add_dependency, waiting_id=lamp.id, blocking_id=tower.id)
    assert upkeep(NINE + 30 * DAY) == (2, 0)
    assert upkeep(NINE + 37 * DAY) == (0, 2)
    assert the(Blocker, cast).status == "cleared"


def test_another_rule_warns_anew(cast: Cast) -> None:
    set_idle_parking(cast, 30)
    (lamp,) = add_at(cast, NINE, "Lamp")
    assert upkeep(NINE + 23 * DAY) == (1, 0)
    before = counter(cast).version
    set_idle_parking(cast, 60)
    assert again(lamp).idle_warned_at is None
    (row,) = ledger(cast, before)
    assert (row.kind, row.data) == (
        "project.idle_set",
        {"before": "after 30 days", "after": "after 60 days"},
    )
    with nothing_changes():
        set_idle_parking(cast, 60)
    assert upkeep(NINE + 40 * DAY) == (0, 0)
    assert upkeep(NINE + 53 * DAY) == (1, 0)
    set_idle_parking(cast, None)
    assert upkeep(NINE + 90 * DAY) == (0, 0)


def test_an_archived_project_stands_still_by_intention(cast: Cast) -> None:
    set_idle_parking(cast, 30)
    add_at(cast, NINE, "Lamp")
    do(cast, "ann", projects.archive_project)
    assert upkeep(NINE + 100 * DAY) == (0, 0)
    assert "item.stands_still" not in kinds(cast)


def test_what_was_warned_of_before_the_archive_is_warned_of_anew(cast: Cast) -> None:
    """Nobody could act on the old warning."""
    set_idle_parking(cast, 30)
    (lamp,) = add_at(cast, NINE, "Lamp")
    assert upkeep(NINE + 23 * DAY) == (1, 0)
    do(cast, "ann", projects.archive_project)
    do(cast, "ann", projects.restore_project)
    assert upkeep(NINE + 100 * DAY) == (1, 0)
    assert again(lamp).idle_warned_at == NINE + 100 * DAY
    assert upkeep(NINE + 107 * DAY) == (0, 1)


def add_at(cast: Cast, moment: dt.datetime, *titles: str) -> list[Item]:
    with clock.at(moment):
        return add(cast, *titles)


def set_idle_parking(cast: Cast, days: int | None) -> None:
    do(cast, "ann", projects.set_idle_parking, days=days)
    assert again(cast.project).idle_park_days == days


def upkeep(moment: dt.datetime) -> tuple[int, int]:
    """How many items a run warned of and parked; it looks at projects with something due only."""
    done = run_upkeep(moment)
    return done.items_warned, done.items_parked
