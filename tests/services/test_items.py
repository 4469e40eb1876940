"""Items: add, edit, decide, park, explore, delete, wake."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError

from sessions_app import clock
from sessions_app.db.retry import sqlstate
from sessions_app.db.rls import acting_as
from sessions_app.models import Blocker, Item
from sessions_app.models.items import REASON_MAX_CHARACTERS, TEXT_MAX_CHARACTERS
from sessions_app.models.projects import TITLE_MAX_CHARACTERS
from sessions_app.services import items, waking
from sessions_app.services.errors import Conflict, Invalid, NotFound
from tests.conftest import Cast
from tests.doing import (
    DAY,
    HOUR,
    NINE,
    NOT_TEXT,
    add,
    again,
    as_system,
    by_agent,
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

# Each verb that takes an item's id, with whatever else it needs.
VERBS: dict[str, Callable[..., object]] = {
    "edit": lambda project, actor, item: items.edit_item(
        project, actor, item, title="Other", text="", version=1
    ),
    "decide": items.decide_item,
    "park": items.park_item,
    "explore": lambda project, actor, item: items.explore_item(project, actor, item, reason="Again"),
    "delete": items.delete_item,
}


def test_an_added_item_is_exploring_and_counted(cast: Cast) -> None:
    before = counter(cast)
    item = do(cast, "bob", items.add_item, title="  A lamp\tthat  turns ", text=" One\r\nTwo ")
    after = counter(cast)
    assert (item.title, item.text, item.state) == ("A lamp that turns", "One\nTwo", "exploring")
    assert (item.created_by_id, item.state_by_id) == (cast.bob.id, cast.bob.id)
    assert after.version == before.version + 1 == item.version == item.state_version
    assert (after.exploring, after.decided, after.parked) == (1, 0, 0)
    row = ledger(cast, before.version)[0]
    assert (row.kind, row.item_id, row.actor_kind, row.actor_id) == (
        "item.added",
        item.id,
        "user",
        cast.bob.id,
    )
    assert row.data == {"title": item.title, "text": item.text, "after": "exploring"}


def test_an_agents_item_carries_the_agents_name(cast: Cast) -> None:
    item = by_agent(cast, "GapDetectionAgent", items.add_item, title="Fog horn")
    assert (item.created_by_id, item.created_by_agent) == (None, "GapDetectionAgent")
    row = ledger(cast)[-1]
    assert (row.actor_kind, row.actor_id, row.actor_agent) == ("agent", None, "GapDetectionAgent")


def test_texts_of_the_greatest_length_are_stored_whole(cast: Cast) -> None:
    """A character is a character, also one that takes four bytes."""
    title, text, reason = (
        "🗼" * TITLE_MAX_CHARACTERS,
        "é" * TEXT_MAX_CHARACTERS,
        "🔦" * REASON_MAX_CHARACTERS,
    )
    item = do(cast, "bob", items.add_item, title=title, text=text)
    do(
        cast,
        "bob",
        items.decide_item,
        item.id,
        reason=reason,
        outcome="x" * items.OUTCOME_MAX_CHARACTERS,
    )
    stored = again(item)
    assert (stored.title, stored.text, stored.reason) == (title, text, reason)
    assert stored.outcome == "x" * items.OUTCOME_MAX_CHARACTERS


def test_a_bad_text_is_refused_by_name_and_changes_nothing(cast: Cast) -> None:
    (item,) = add(cast, "A")
    titles = ("", " \n\t", "x" * (TITLE_MAX_CHARACTERS + 1), *NOT_TEXT)
    texts = ("x" * (TEXT_MAX_CHARACTERS + 1), *NOT_TEXT)
    reasons = ("x" * (REASON_MAX_CHARACTERS + 1), *NOT_TEXT)
    for title in titles:
        assert refused_field(do, cast, "bob", items.add_item, title=title) == "title"
        assert refused_field(_edit, cast, item, title=title) == "title"
    for text in texts:
        assert refused_field(do, cast, "bob", items.add_item, title="B", text=text) == "text"
        assert refused_field(_edit, cast, item, text=text) == "text"
    for verb in (items.decide_item, items.park_item, items.explore_item):
        for reason in reasons:
            assert refused_field(do, cast, "bob", verb, item.id, reason=reason) == "reason"
    for outcome in ("x" * (items.OUTCOME_MAX_CHARACTERS + 1), *NOT_TEXT):
        assert refused_field(do, cast, "bob", items.decide_item, item.id, outcome=outcome) == "outcome"


def test_an_edit_says_what_it_was_before(cast: Cast) -> None:
    (item,) = add(cast, "A")
    edited = do(cast, "ann", items.edit_item, item.id, title="B", text="Why", version=item.version)
    row = ledger(cast, item.version)[0]
    assert (edited.title, edited.text, edited.version) == ("B", "Why", row.version)
    assert row.data == {"title": "B", "text": "Why", "before": {"title": "A", "text": ""}}
    assert edited.state_version == item.state_version, "an edit moves no item in its column"


def test_a_stale_edit_is_refused_with_what_the_other_one_saved(cast: Cast) -> None:
    (item,) = add(cast, "A")
    do(cast, "ann", items.edit_item, item.id, title="Ann's", text="by Ann", version=item.version)
    with nothing_changes(), pytest.raises(Conflict) as stale:
        do(cast, "bob", items.edit_item, item.id, title="Bob's", text="by Bob", version=item.version)
    theirs = stale.value.current
    assert (theirs.title, theirs.text) == ("Ann's", "by Ann")
    saved = do(cast, "bob", items.edit_item, item.id, title="Bob's", text="by Bob", version=theirs.version)
    assert (saved.title, saved.text) == ("Bob's", "by Bob")


def test_a_change_of_state_makes_an_open_form_stale_too(cast: Cast) -> None:
    (item,) = add(cast, "A")
    do(cast, "ann", items.decide_item, item.id)
    with pytest.raises(Conflict):
        do(cast, "bob", items.edit_item, item.id, title="B", text="", version=item.version)


def test_saving_what_is_there_already_changes_nothing_however_stale(cast: Cast) -> None:
    (item,) = add(cast, "A")
    do(cast, "ann", items.edit_item, item.id, title="B", text="", version=item.version)
    with nothing_changes():
        do(cast, "bob", items.edit_item, item.id, title=" B ", text="", version=item.version)


def test_deciding_says_why_and_counts(cast: Cast) -> None:
    (item,) = add(cast, "A")
    decided = do(cast, "ann", items.decide_item, item.id, reason="It is light", outcome="Accepted")
    stands = counter(cast)
    assert (stands.exploring, stands.decided) == (0, 1)
    assert (decided.state, decided.reason, decided.outcome) == ("decided", "It is light", "Accepted")
    assert decided.decided_version == decided.state_version == stands.version
    assert decided.state_by_id == cast.ann.id
    row = ledger(cast, item.version)[0]
    assert row.kind == "item.decided"
    assert row.data == {
        "title": "A",
        "before": "exploring",
        "after": "decided",
        "reason": "It is light",
        "outcome": "Accepted",
        "wake_at": None,
    }


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        (items.decide_item, {"reason": "Same", "outcome": "Accepted"}),
        (items.park_item, {"reason": "Same"}),
        (items.explore_item, {"reason": "Same"}),
    ],
    ids=["decide", "park", "explore"],
)
def test_the_same_verb_with_the_same_words_changes_nothing(cast: Cast, verb, words) -> None:
    (item,) = add(cast, "A")
    do(cast, "bob", verb, item.id, **words)
    with nothing_changes():
        do(cast, "ann", verb, item.id, **words)


def test_deciding_again_with_other_words_is_the_latest_decision(cast: Cast) -> None:
    (item,) = add(cast, "A")
    first = do(cast, "ann", items.decide_item, item.id, reason="One")
    second = do(cast, "bob", items.decide_item, item.id, reason="Two")
    assert second.decided_version == first.decided_version + 1
    assert (second.reason, second.state_by_id, counter(cast).decided) == ("Two", cast.bob.id, 1)


def test_a_reopened_item_keeps_no_word_of_its_decision(cast: Cast) -> None:
    (item,) = add(cast, "A")
    do(cast, "ann", items.decide_item, item.id, reason="One", outcome="Accepted")
    reopened = do(cast, "bob", items.explore_item, item.id, reason="New facts")
    assert (reopened.state, reopened.reason, reopened.outcome) == ("exploring", "New facts", "")
    assert (counter(cast).exploring, counter(cast).decided) == (1, 0)
    assert kinds(cast, item.version) == ["item.decided", "item.explored"]


def test_a_parked_item_wakes_once_when_its_time_has_come(cast: Cast) -> None:
    (item,) = add(cast, "A")
    with clock.at(NINE):
        do(cast, "bob", items.park_item, item.id, reason="Not now", wake_at=NINE + DAY)
    assert as_system(cast, waking.wake_due, NINE + DAY - HOUR) == 0
    before = counter(cast).version
    assert as_system(cast, waking.wake_due, NINE + DAY) == 1
    assert as_system(cast, waking.wake_due, NINE + DAY) == 0
    woken = again(item)
    assert (woken.state, woken.woke_at, woken.version) == ("parked", NINE + DAY, before + 1)
    row = ledger(cast, before)[0]
    assert (row.kind, row.actor_kind) == ("item.woke", "system")
    assert row.data == {"title": "A", "reason": "Not now", "how": "its day came", "after": "parked"}


def test_a_new_state_ends_the_wake_up(cast: Cast) -> None:
    """Decided, or parked for good: what it was to wake from is over."""
    first, second = add(cast, "A", "B")
    with clock.at(NINE):
        for item in (first, second):
            do(cast, "bob", items.park_item, item.id, wake_at=NINE + DAY)
        do(cast, "bob", items.decide_item, first.id)
        do(cast, "bob", items.park_item, second.id, reason="For good")
    assert as_system(cast, waking.wake_due, NINE + 2 * DAY) == 0


def test_an_item_that_woke_can_be_parked_again(cast: Cast) -> None:
    (item,) = add(cast, "A")
    with clock.at(NINE):
        do(cast, "bob", items.park_item, item.id, wake_at=NINE + DAY)
    as_system(cast, waking.wake_due, NINE + DAY)
    with clock.at(NINE + DAY):
        parked = do(cast, "bob", items.park_item, item.id, wake_at=NINE + 3 * DAY)
    assert parked.woke_at is None
    assert as_system(cast, waking.wake_due, NINE + 3 * DAY) == 1


def test_a_wake_up_in_the_past_is_refused(cast: Cast) -> None:
    (item,) = add(cast, "A")
    with clock.at(NINE):
        for moment in (NINE, NINE - DAY):
            assert refused_field(do, cast, "bob", items.park_item, item.id, wake_at=moment) == "wake_at"


def test_a_deleted_item_is_gone_and_the_ledger_keeps_what_it_was(cast: Cast) -> None:
    (item,) = add(cast, "A")
    do(cast, "bob", items.edit_item, item.id, title="A", text="Long", version=item.version)
    do(cast, "bob", items.decide_item, item.id)
    before = counter(cast).version
    do(cast, "ann", items.delete_item, item.id)
    stands = counter(cast)
    assert (every(Item, cast), stands.exploring, stands.decided, stands.parked) == ([], 0, 0, 0)
    row = ledger(cast, before)[0]
    assert (row.kind, row.item_id) == ("item.deleted", item.id)
    assert row.data == {"title": "A", "text": "Long", "before": "decided", "imported": None}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_what_is_not_there_is_not_found(cast: Cast, verb) -> None:
    """Neither a deleted item, nor one that never was, nor one of another project that one may see."""
    (gone,) = add(cast, "A")
    do(cast, "bob", items.delete_item, gone.id)
    with acting_as(cast.zoe.id):
        others = items.add_item(cast.other.id, cast.actor("zoe"), title="Zoe's")
    for item_id in (gone.id, uuid.uuid4(), others.id):
        with nothing_changes(), pytest.raises(NotFound):
            do(cast, "bob", verb, item_id)


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_an_outsider_is_refused_by_the_database(cast: Cast, verb) -> None:
    (item,) = add(cast, "A")
    with nothing_changes(), pytest.raises(DatabaseError) as refused:
        do(cast, "zoe", verb, item.id)
    assert sqlstate(refused.value) == "42501"


def test_an_outsider_cannot_add(cast: Cast) -> None:
    with nothing_changes(), pytest.raises(DatabaseError):
        do(cast, "zoe", items.add_item, title="Mine now")


def test_a_new_item_clears_the_gap_it_fills(cast: Cast) -> None:
    report(cast, "GapDetectionAgent", {"gaps": ["Nobody knows the tides"]})
    gap = the(Blocker, cast)
    item = do(cast, "bob", items.add_item, title="A table of the tides", fills=[gap.id])
    cleared = again(gap)
    assert (cleared.status, cleared.ended_how) == ("cleared", "item added: A table of the tides")
    assert cleared.version == item.version, "both in one transaction"
    assert kinds(cast, item.version - 1) == ["item.added", "blocker.cleared"]


def test_a_gap_that_is_filled_already_stays_as_it_is(cast: Cast) -> None:
    report(cast, "GapDetectionAgent", {"gaps": ["Nobody knows the tides"]})
    gap = the(Blocker, cast)
    do(cast, "bob", items.add_item, title="First", fills=[gap.id])
    do(cast, "bob", items.add_item, title="Second", fills=[gap.id, gap.id])
    assert again(gap).ended_how == "item added: First"


def test_an_item_cannot_fill_what_is_no_blocker_of_this_project(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused, nothing_changes():
        do(cast, "bob", items.add_item, title="A", fills=[uuid.uuid4()])
    assert refused.value.field == "fills"
    assert every(Item, cast) == []


def _edit(cast: Cast, item: Item, *, title: str = "A", text: str = "") -> object:
    return do(cast, "bob", items.edit_item, item.id, title=title, text=text, version=item.version)
