"""Blockers that agents report: cleared and dismissed by people, cleared by their cause."""

from __future__ import annotations

import uuid

import pytest
from django.db import DatabaseError

from sessions_app.models import Blocker, Question
from sessions_app.services import blockers, items, questions
from sessions_app.services.errors import Conflict, NotFound
from tests.conftest import Cast
from tests.doing import add, again, counter, do, every, kinds, ledger, nothing_changes, report, the

GAP = {"gaps": ["Nobody knows the tides"]}


@pytest.mark.parametrize(
    ("verb", "status"),
    [(blockers.clear_blocker, "cleared"), (blockers.dismiss_blocker, "dismissed")],
    ids=["clear", "dismiss"],
)
def test_a_person_ends_a_blocker_by_hand(cast: Cast, verb, status: str) -> None:
    report(cast, "GapDetectionAgent", GAP)
    blocker = the(Blocker, cast)
    before = counter(cast).version
    do(cast, "bob", verb, blocker.id)
    ended = again(blocker)
    assert (ended.status, ended.ended_how, ended.ended_by_id) == (status, "by hand", cast.bob.id)
    assert (ended.version, counter(cast).blockers_open) == (before + 1, 0)
    row = ledger(cast, before)[0]
    assert (row.kind, row.blocker_id, row.actor_id) == (f"blocker.{status}", blocker.id, cast.bob.id)
    assert row.data == {"text": "Nobody knows the tides", "how": "by hand"}
    with nothing_changes():
        do(cast, "ann", verb, blocker.id)


def test_what_ended_one_way_does_not_end_the_other(cast: Cast) -> None:
    report(cast, "GapDetectionAgent", GAP)
    blocker = the(Blocker, cast)
    do(cast, "bob", blockers.dismiss_blocker, blocker.id)
    with nothing_changes(), pytest.raises(Conflict, match="dismissed meanwhile"):
        do(cast, "ann", blockers.clear_blocker, blocker.id)


def test_who_may_not(cast: Cast) -> None:
    report(cast, "GapDetectionAgent", GAP)
    blocker = the(Blocker, cast)
    for verb in (blockers.clear_blocker, blockers.dismiss_blocker):
        with nothing_changes(), pytest.raises(DatabaseError):
            do(cast, "zoe", verb, blocker.id)
        with nothing_changes(), pytest.raises(NotFound):
            do(cast, "bob", verb, uuid.uuid4())


def test_a_refusal_clears_with_the_last_of_its_items(cast: Cast) -> None:
    """Deciding, or deleting, what a blocker stops: when nothing undecided is left, it stops nothing."""
    lamp, horn = add(cast, "Lamp", "Horn")
    details = {"approved": False, "issues": ["Too dim"], "blocks": [str(lamp.id), str(horn.id)]}
    report(cast, "VerificationAgent", details)
    do(cast, "ann", items.decide_item, lamp.id)
    assert the(Blocker, cast).status == "open"
    do(cast, "ann", items.park_item, horn.id)
    assert the(Blocker, cast).status == "open", "what is parked is not decided"
    before = counter(cast).version
    do(cast, "ann", items.delete_item, horn.id)
    assert (the(Blocker, cast).status, the(Blocker, cast).ended_how) == ("cleared", "“Horn” was deleted")
    assert kinds(cast, before) == ["item.deleted", "blocker.cleared"]


def test_a_decision_clears_what_stopped_it(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    report(cast, "VerificationAgent", {"approved": False, "issues": ["Too dim"], "blocks": [str(lamp.id)]})
    do(cast, "ann", items.decide_item, lamp.id)
    assert (the(Blocker, cast).status, the(Blocker, cast).ended_how) == ("cleared", "“Lamp” was decided")


def test_a_decision_fills_no_gap(cast: Cast) -> None:
    """What nobody knows stays unknown, whatever was decided without it."""
    (lamp,) = add(cast, "Lamp")
    report(cast, "GapDetectionAgent", GAP | {"blocks": [str(lamp.id)]})
    do(cast, "ann", items.decide_item, lamp.id)
    assert the(Blocker, cast).status == "open"


def test_a_blocker_that_stops_nothing_by_name_outlives_every_item(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    report(cast, "VerificationAgent", {"approved": False, "issues": ["The budget"]})
    do(cast, "ann", items.decide_item, lamp.id)
    do(cast, "ann", items.delete_item, lamp.id)
    assert the(Blocker, cast).status == "open"


def test_a_cleared_one_reported_again_is_a_new_one(cast: Cast) -> None:
    report(cast, "GapDetectionAgent", GAP)
    do(cast, "bob", blockers.clear_blocker, the(Blocker, cast).id)
    report(cast, "GapDetectionAgent", GAP)
    old, new = every(Blocker, cast)
    assert (old.status, new.status, new.times_seen) == ("cleared", "open", 1)


def test_a_dismissed_one_reported_again_is_only_counted(cast: Cast) -> None:
    report(cast, "GapDetectionAgent", GAP)
    do(cast, "bob", blockers.dismiss_blocker, the(Blocker, cast).id)
    before = counter(cast).version
    report(cast, "GapDetectionAgent", GAP)
    blocker = the(Blocker, cast)
    assert (blocker.status, blocker.times_seen) == ("dismissed", 2)
    assert counter(cast).version == before, "nobody's panel changed"


def test_a_gap_whose_question_ended_hangs_on_the_one_asked_again(cast: Cast) -> None:
    """Else the panel would show two steps for one thing, and the new answer would not fill the gap."""
    gap = {"gaps": [{"description": "The depth is unknown", "question": "How deep is it?"}]}
    report(cast, "GapDetectionAgent", gap)
    do(cast, "bob", questions.dismiss_question, the(Question, cast).id)
    report(cast, "GapDetectionAgent", gap)
    asked_again = the(Question, cast, status="open")
    assert the(Blocker, cast).question_id == asked_again.id
    do(cast, "bob", questions.answer_question, asked_again.id, answer="Nine fathoms")
    assert the(Blocker, cast).status == "cleared"
