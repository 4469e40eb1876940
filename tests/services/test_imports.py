"""An import: what is new, what changed, what is gone, as ledger entries; people's own work stays."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import pytest
from django.db import DatabaseError

from sessions_app.db.rls import acting_as_system
from sessions_app.importers.rows import ItemRow
from sessions_app.models import Blocker, Item, ItemDependency
from sessions_app.services import dependencies, imports, items
from sessions_app.services.imports import Imported
from tests.conftest import Cast
from tests.doing import (
    NINE,
    again,
    counter,
    do,
    every,
    kinds,
    ledger,
    nothing_changes,
    refused_field,
    report,
    the,
)

LAMP = ItemRow(
    key="1",
    title="Lamp",
    text="It turns.",
    state="exploring",
    reason="",
    outcome="",
    date=NINE,
    people=("Ann Lee",),
    waits_for=(),
    where="1-lamp.md",
)
TOWER = replace(LAMP, key="2", title="Tower", state="decided", reason="It is high", outcome="Accepted")
HORN = replace(LAMP, key="3", title="Horn", state="parked", reason="Too loud", people=())
THREE = (LAMP, TOWER, HORN)


def test_a_first_import_adds_everything_in_one_version(cast: Cast) -> None:
    before = counter(cast).version
    assert bring(cast, *THREE) == Imported(added=3, decided=1, parked=1)
    stands = counter(cast)
    assert (stands.version, stands.exploring, stands.decided, stands.parked) == (before + 1, 1, 1, 1)
    assert kinds(cast, before) == ["item.added", "item.added", "item.decided", "item.added", "item.parked"]
    assert {row.actor_kind for row in ledger(cast, before)} == {"system"}
    tower = the(Item, cast, title="Tower")
    assert (tower.reason, tower.outcome, tower.decided_version) == ("It is high", "Accepted", before + 1)
    assert (tower.import_key, tower.import_people) == ("adr:2", ["Ann Lee"])
    assert (tower.changed_at, tower.state_by_id, tower.created_by_id) == (NINE, None, None)


def test_the_same_again_changes_nothing(cast: Cast) -> None:
    rows = (replace(LAMP, waits_for=("3",)), TOWER, HORN)
    bring(cast, *rows)
    with nothing_changes():
        assert bring(cast, *rows) == Imported(unchanged=3, dependencies=1)


def test_a_record_of_the_future_did_not_change_later_than_now(cast: Cast) -> None:
    """The server's clock is the only clock: an item is never idle for minus three days."""
    bring(cast, replace(LAMP, date=dt.datetime(9999, 12, 31, tzinfo=dt.UTC)), replace(TOWER, date=None))
    assert all(item.changed_at <= item.created_at for item in every(Item, cast))


@dataclass(frozen=True)
class Difference:
    now: ItemRow
    kinds: list[str]
    done: Imported


@pytest.mark.parametrize(
    "difference",
    [
        Difference(replace(LAMP, title="Lens"), ["item.edited"], Imported(edited=1)),
        Difference(replace(LAMP, text="It stands."), ["item.edited"], Imported(edited=1)),
        Difference(replace(LAMP, state="decided", reason="Why not"), ["item.decided"], Imported(decided=1)),
        Difference(replace(LAMP, state="parked"), ["item.parked"], Imported(parked=1)),
        Difference(
            replace(LAMP, state="decided", title="Lens"),
            ["item.edited", "item.decided"],
            Imported(decided=1, edited=1),
        ),
    ],
    ids=["title", "text", "decided", "parked", "decided and renamed"],
)
def test_a_difference_is_exactly_its_ledger_entries(cast: Cast, difference: Difference) -> None:
    bring(cast, LAMP, TOWER)
    before = counter(cast).version
    assert bring(cast, difference.now, TOWER) == replace(difference.done, unchanged=1)
    assert kinds(cast, before) == difference.kinds
    assert {row.version for row in ledger(cast, before)} == {before + 1}
    item = the(Item, cast, import_key="adr:1")
    assert (item.title, item.text, item.state) == (
        difference.now.title,
        difference.now.text,
        difference.now.state,
    )
    with nothing_changes():
        bring(cast, difference.now, TOWER)


def test_a_record_that_was_reopened_is_explored_again(cast: Cast) -> None:
    bring(cast, TOWER)
    before = counter(cast).version
    assert bring(cast, replace(TOWER, state="exploring", reason="", outcome="")) == Imported(reopened=1)
    row = ledger(cast, before)[0]
    assert (row.kind, row.data["before"], row.data["after"]) == ("item.explored", "decided", "exploring")
    assert (the(Item, cast).reason, the(Item, cast).outcome) == ("", "")


def test_what_the_source_says_of_a_reason_later_is_an_edit(cast: Cast) -> None:
    bring(cast, TOWER)
    before = counter(cast).version
    assert bring(cast, replace(TOWER, reason="It is higher")) == Imported(edited=1)
    assert ledger(cast, before)[0].data == {
        "title": "Tower",
        "text": "It turns.",
        "before": {"title": "Tower", "text": "It turns."},
        "reason": "It is higher",
        "outcome": the(Item, cast).outcome,
    }
    assert the(Item, cast).reason == "It is higher"


def test_an_empty_reason_keeps_the_known_one(cast: Cast) -> None:
    bring(cast, TOWER)
    bring(cast, replace(TOWER, reason=""))
    assert the(Item, cast).reason == "It is high"


def test_other_people_are_taken_over_and_are_no_entry(cast: Cast) -> None:
    """The ledger tells of the item, not of who has it in the source."""
    bring(cast, LAMP)
    before = counter(cast).version
    assert bring(cast, replace(LAMP, people=("Bo Ek",))) == Imported(unchanged=1)
    assert the(Item, cast).import_people == ["Bo Ek"]
    assert kinds(cast, before) == []


# --- what is gone --------------------------------------------------------------------------------


def test_what_vanished_is_removed(cast: Cast) -> None:
    bring(cast, *THREE)
    by_hand = do(cast, "bob", items.add_item, title="By hand")
    bring(cast, replace(LAMP, title="From a log"), source="beads")
    before = counter(cast).version
    assert bring(cast, LAMP, HORN) == Imported(unchanged=2, removed=1)
    assert kinds(cast, before) == ["item.deleted"]
    assert {item.title for item in every(Item, cast)} == {"Lamp", "Horn", "By hand", "From a log"}
    assert again(by_hand).import_key == ""


def test_what_vanished_stays_when_some_could_not_be_read(cast: Cast) -> None:
    bring(cast, *THREE)
    with nothing_changes():
        assert bring(cast, LAMP, remove_vanished=False) == Imported(unchanged=1)


def test_an_empty_source_is_refused_where_there_were_records(cast: Cast) -> None:
    bring(cast, LAMP)
    assert refused_field(bring, cast) == "path"
    assert refused_field(bring, cast, remove_vanished=False) == "path"


def test_an_empty_source_is_fine_where_there_were_none(cast: Cast) -> None:
    do(cast, "bob", items.add_item, title="By hand")
    with nothing_changes():
        assert bring(cast) == Imported()


def test_one_that_comes_back_is_a_new_item(cast: Cast) -> None:
    bring(cast, LAMP, TOWER)
    bring(cast, LAMP)
    assert bring(cast, LAMP, TOWER) == Imported(added=1, decided=1, unchanged=1)


# --- what people did here ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "words", "state"),
    [
        (items.decide_item, {"reason": "We did", "outcome": "Done"}, "decided"),
        (items.park_item, {"reason": "We wait", "wake_at": None}, "parked"),
    ],
    ids=["decided", "parked"],
)
def test_what_people_decided_survives_a_further_import(cast: Cast, verb, words, state: str) -> None:
    """Of the same state of the source, and of one in which only other words changed."""
    bring(cast, LAMP)
    do(cast, "ann", verb, the(Item, cast).id, **words)
    with nothing_changes():
        bring(cast, LAMP)
    bring(cast, replace(LAMP, text="It turns slowly."))
    item = the(Item, cast)
    assert (item.state, item.reason, item.text) == (state, words["reason"], "It turns slowly.")
    assert item.state_by_id == cast.ann.id


def test_what_people_reopened_stays_open(cast: Cast) -> None:
    bring(cast, TOWER)
    do(cast, "ann", items.explore_item, the(Item, cast).id, reason="New facts")
    bring(cast, replace(TOWER, title="High tower"))
    item = the(Item, cast)
    assert (item.state, item.reason, item.title) == ("exploring", "New facts", "High tower")


def test_what_people_wrote_survives_where_the_source_says_nothing_new(cast: Cast) -> None:
    """Each field by itself: a new reason in the source brings back no old title, and no old reason."""
    bring(cast, TOWER)
    item = the(Item, cast)
    do(cast, "ann", items.edit_item, item.id, title="Ann's tower", text="Ann's", version=item.version)
    bring(cast, replace(TOWER, reason="It is higher"))
    item = the(Item, cast)
    assert (item.title, item.text, item.reason) == ("Ann's tower", "Ann's", "It is higher")
    do(cast, "ann", items.decide_item, item.id, reason="Ann's reason", outcome="Ann's")
    bring(cast, replace(TOWER, reason="It is higher", text="It stands."))
    item = the(Item, cast)
    assert (item.title, item.text) == ("Ann's tower", "It stands.")
    assert (item.reason, item.outcome) == ("Ann's reason", "Ann's")


def test_a_reason_that_does_not_fit_the_state_here_is_no_edit(cast: Cast) -> None:
    """The source explains a state that people left: there is nothing to say of the item."""
    bring(cast, TOWER)
    do(cast, "ann", items.explore_item, the(Item, cast).id)
    before = counter(cast).version
    assert bring(cast, replace(TOWER, reason="It is higher")) == Imported(unchanged=1)
    assert kinds(cast, before) == []


def test_a_new_state_in_the_source_is_applied(cast: Cast) -> None:
    """That is news, whoever moved the item meanwhile."""
    bring(cast, LAMP)
    do(cast, "ann", items.park_item, the(Item, cast).id, reason="Not now")
    bring(cast, replace(LAMP, state="decided", reason="They did"))
    assert (the(Item, cast).state, the(Item, cast).reason) == ("decided", "They did")


def test_what_people_decided_first_is_not_decided_again(cast: Cast) -> None:
    bring(cast, LAMP)
    decided = do(cast, "ann", items.decide_item, the(Item, cast).id, reason="We did")
    bring(cast, replace(LAMP, state="decided"))
    item = the(Item, cast)
    assert (item.reason, item.decided_version) == ("We did", decided.decided_version)


# --- who waits for whom --------------------------------------------------------------------------


def test_dependencies_come_along_and_go_again(cast: Cast) -> None:
    waits = replace(LAMP, waits_for=("3", "unknown"))
    horn = replace(HORN, state="exploring", reason="")
    bring(cast, waits, TOWER, horn)
    edge = the_edge(cast)
    assert edge.is_imported
    assert (the(Blocker, cast).text, the(Blocker, cast).status) == ("Horn", "open")
    before = counter(cast).version
    assert bring(cast, LAMP, TOWER, horn).dependencies == 0
    assert kinds(cast, before) == ["item.waits_no_more", "blocker.cleared"]
    assert the(Blocker, cast).status == "cleared"


def test_one_added_by_hand_stays(cast: Cast) -> None:
    horn = replace(HORN, state="exploring")
    bring(cast, LAMP, horn)
    lamp_id, horn_id = (the(Item, cast, title=title).id for title in ("Lamp", "Horn"))
    do(cast, "bob", dependencies.add_dependency, waiting_id=lamp_id, blocking_id=horn_id)
    bring(cast, replace(LAMP, text="Changed"), horn)
    assert not the_edge(cast).is_imported


def test_blockers_follow_what_the_import_moved(cast: Cast) -> None:
    waits, horn = replace(LAMP, waits_for=("3",)), replace(HORN, state="exploring", reason="")
    bring(cast, waits, horn)
    bring(cast, waits, replace(horn, state="decided"))
    assert the(Blocker, cast).status == "cleared"
    bring(cast, waits, horn)
    assert [blocker.status for blocker in every(Blocker, cast)] == ["cleared", "open"]
    bring(cast, replace(waits, title="Lens"), replace(horn, title="Bell"))
    assert the(Blocker, cast, status="open").text == "Bell"
    bring(cast, waits)
    assert every(Blocker, cast, status="open") == []


def test_a_decision_that_came_by_import_clears_what_stopped_it(cast: Cast) -> None:
    bring(cast, LAMP)
    blocks = [str(the(Item, cast).id)]
    report(cast, "VerificationAgent", {"approved": False, "issues": ["Too dim"], "blocks": blocks})
    bring(cast, replace(LAMP, state="decided"))
    assert the(Blocker, cast).ended_how == f"“{LAMP.title}” was decided"


def test_items_that_wait_for_each_other_in_the_source_are_told_as_they_are(cast: Cast) -> None:
    """A ring is the source's own; it must neither break the import nor run in circles."""
    lamp, horn = replace(LAMP, waits_for=("3",)), replace(HORN, state="exploring", waits_for=("1",))
    assert bring(cast, lamp, horn).dependencies == 2
    assert len(every(Blocker, cast, status="open")) == 2


# --- the whole -----------------------------------------------------------------------------------


def test_progress_is_told_row_by_row(cast: Cast) -> None:
    told: list[tuple[int, int]] = []
    bring(cast, *THREE, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_an_import_that_breaks_off_leaves_nothing(cast: Cast) -> None:
    def break_off(done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with nothing_changes(), pytest.raises(KeyboardInterrupt):
        bring(cast, *THREE, progress=break_off)


def test_more_rows_than_a_batch(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", 7)
    rows = [replace(LAMP, key=str(n), title=f"Item {n}", waits_for=(str(n + 1),)) for n in range(30)]
    assert bring(cast, *rows) == Imported(added=30, dependencies=29)
    assert counter(cast).blockers_open == 29
    decided = [replace(row, state="decided") for row in rows]
    assert bring(cast, *decided) == Imported(decided=30, dependencies=29)
    assert (counter(cast).decided, counter(cast).blockers_open) == (30, 0)


def test_another_project_is_not_imported_into(cast: Cast) -> None:
    with nothing_changes(), pytest.raises(DatabaseError), acting_as_system([cast.other.id]):
        imports.import_rows(cast.project.id, "adr", [LAMP])


def test_the_same_source_in_two_projects_is_two_imports(cast: Cast) -> None:
    bring(cast, LAMP)
    with acting_as_system([cast.other.id]):
        assert imports.import_rows(cast.other.id, "adr", [LAMP]) == Imported(added=1)


def bring(cast: Cast, *rows: ItemRow, source: str = "adr", **more) -> Imported:
    with acting_as_system([cast.project.id]):
        return imports.import_rows(cast.project.id, source, rows, **more)


def the_edge(cast: Cast) -> ItemDependency:
    with acting_as_system([cast.project.id]):
        return ItemDependency.objects.get()


def test_what_people_deleted_stays_deleted_until_the_source_says_something_new(cast: Cast) -> None:
    bring(cast, LAMP, TOWER)
    do(cast, "ann", items.delete_item, the(Item, cast, title=LAMP.title).id)
    before = counter(cast).version
    assert bring(cast, LAMP, TOWER) == Imported(unchanged=2)
    assert (kinds(cast, before), len(every(Item, cast))) == ([], 1)
    assert bring(cast, replace(LAMP, text="It flickers."), TOWER).added == 1


LONG_AGO = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def test_a_column_shows_what_the_source_dates_later_first(cast: Cast) -> None:
    """The items of one import share their version, so something else must tell their order."""
    days = {"Old": 1, "Newest": 3, "Newer": 2}
    rows = (replace(LAMP, key=title, title=title, date=LONG_AGO + n * DAY) for title, n in days.items())
    bring(cast, *rows)
    with acting_as_system([cast.project.id]):
        column = Item.objects.order_by("-state_version", "-id").values_list("title", flat=True)
        assert list(column) == ["Newest", "Newer", "Old"]
