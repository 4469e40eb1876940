"""The ledger: each kind of row has its shape, its words and its place in the docs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.ledger import Kind, change
from sessions_app.models import Activity, Blocker, Item, Question
from sessions_app.panels.ledger_words import VERBS
from sessions_app.services import (
    blockers,
    dependencies,
    hand_offs,
    idling,
    imports,
    items,
    members,
    messages,
    projects,
    questions,
    reviews,
    sessions,
    waking,
)
from tests.conftest import Cast
from tests.doing import DAY, NINE, add, as_system, do, ledger, nothing_changes, report, the
from tests.services import ledger_shapes
from tests.services.test_imports import LAMP

DOCS = Path(__file__).resolve().parents[2] / "docs" / "ledger.md"


def test_every_kind_of_row_happens_and_has_its_shape(cast: Cast) -> None:
    """One story in which each kind happens at least once."""
    tell_of_everything(cast)
    rows = ledger(cast)
    for row in rows:
        ledger_shapes.check(row)
    assert {row.kind for row in rows} == set(Kind)
    versions = sorted({row.version for row in rows})
    assert versions == list(range(1, versions[-1] + 1)), "versions have no gap"
    assert [row.version for row in rows] == sorted(row.version for row in rows), "in the order of commits"


def test_every_kind_has_a_shape_and_words(database: None) -> None:
    assert set(ledger_shapes.SHAPES) == set(Kind) == set(VERBS)


def test_every_kind_stands_in_the_docs() -> None:
    named = re.findall(r"`([a-z_]+\.[a-z_]+)`", DOCS.read_text())
    assert set(named) >= set(Kind)
    assert {name for name in named if not name.endswith((".py", ".md"))} <= {*Kind, "ledger.kind"}


def test_a_row_is_never_changed_and_never_deleted(cast: Cast) -> None:
    """The run-time role has no right to, whoever acts."""
    for sql in ("update activities set kind = 'item.woke'", "delete from activities"):
        with nothing_changes(), pytest.raises(DatabaseError):
            run_sql(cast, sql)


def test_nobody_writes_into_the_past(cast: Cast) -> None:
    """A ledger row carries the version that its own transaction raised, or the database refuses it."""
    for version in (1, 2, 99):
        with nothing_changes(), pytest.raises(DatabaseError), acting_as(cast.ann.id):
            Activity.objects.create(
                project=cast.project, version=version, kind=Kind.ITEM_WOKE, actor_kind="system"
            )


def test_a_verb_that_fails_leaves_no_row_and_no_version(cast: Cast) -> None:
    with nothing_changes(), pytest.raises(ZeroDivisionError):
        record_and_fail(cast)


def test_what_was_certain_is_recorded(cast: Cast) -> None:
    """Else the project would have a version of which nobody knows what it was."""
    with nothing_changes(), pytest.raises(RuntimeError, match="certain"):
        record_nothing(cast)


def run_sql(cast: Cast, sql: str) -> None:
    with acting_as(cast.ann.id), connection.cursor() as cursor:
        cursor.execute(sql)


def record_and_fail(cast: Cast) -> None:
    with acting_as(cast.ann.id), change(cast.project.id, cast.actor("ann")) as under_way:
        under_way.record(Kind.MESSAGE_POSTED, message_id=cast.ann.id)
        raise ZeroDivisionError


def record_nothing(cast: Cast) -> None:
    with acting_as(cast.ann.id), change(cast.project.id, cast.actor("ann"), is_certain=True):
        pass


def tell_of_everything(cast: Cast) -> None:
    """A story of Lighthouse with every kind of activity."""
    _of_the_project(cast)
    _of_the_items(cast)
    _of_the_talk(cast)
    _of_the_agents(cast)
    _of_the_end(cast)


def _of_the_project(cast: Cast) -> None:
    do(cast, "ann", projects.rename_project, title="Beacon")
    do(cast, "ann", projects.archive_project)
    do(cast, "ann", projects.restore_project)
    for _ in range(2):
        with acting_as(cast.ann.id):
            _invitation, secret = members.invite(cast.project.id, cast.ann, role="viewer")
        with acting_as(cast.zoe.id):
            members.accept_invitation(cast.zoe, secret)
        do(cast, "ann", members.change_role, cast.zoe.id, role="editor")
        do(cast, "zoe", members.remove_member, cast.zoe.id)
    do(cast, "ann", members.remove_member, cast.vera.id)


def _of_the_items(cast: Cast) -> None:
    lamp, tower, horn = add(cast, "Lamp", "Tower", "Horn")
    do(cast, "bob", items.edit_item, lamp.id, title="Lens", text="Why", version=lamp.version)
    for waiting in (lamp, horn):
        do(cast, "bob", dependencies.add_dependency, waiting_id=waiting.id, blocking_id=tower.id)
    do(cast, "bob", dependencies.remove_dependency, waiting_id=lamp.id, blocking_id=tower.id)
    do(cast, "bob", items.decide_item, tower.id, reason="High", outcome="Accepted")
    do(cast, "ann", reviews.contest_item, tower.id, reason="Too high")
    do(cast, "bob", reviews.confirm_item, tower.id)
    do(cast, "bob", items.explore_item, tower.id)
    with clock.at(NINE):
        do(cast, "bob", items.park_item, horn.id, wake_at=NINE + DAY)
    as_system(cast, waking.wake_due, NINE + DAY)
    do(cast, "ann", projects.set_idle_parking, days=30)
    as_system(cast, idling.warn_and_park, clock.now() + 23 * DAY)
    do(cast, "bob", idling.keep_item, lamp.id)
    with clock.at(NINE):
        do(cast, "bob", items.decide_item, tower.id, review_at=NINE + DAY, supersedes=[horn.id])
    as_system(cast, reviews.ask_due, NINE + DAY)
    do(cast, "bob", items.explore_item, tower.id)
    do(cast, "bob", items.delete_item, horn.id)
    _bring(cast, [LAMP, replace(LAMP, key="2", state="decided", waits_for=("1",))])
    _bring(cast, [replace(LAMP, title="Other"), replace(LAMP, key="2", state="parked")])


def _of_the_talk(cast: Cast) -> None:
    message = do(cast, "bob", messages.post_message, text="Hello")
    do(cast, "bob", messages.edit_message, message.id, text="Good day")
    do(cast, "bob", messages.delete_message, message.id)


def _of_the_agents(cast: Cast) -> None:
    lens = the(Item, cast, title="Lens")
    asked = [
        {"question": "One?", "blocks": [str(lens.id)]},
        {"question": "Two?", "expiresAt": NINE.isoformat()},
        {"question": "Three?"},
    ]
    report(cast, "ClarificationAgent", {"questions": asked})
    do(cast, "bob", questions.answer_question, the(Question, cast, text="One?").id, answer="Yes")
    as_system(cast, questions.expire_due, NINE)
    gap = {"description": "A gap", "question": "What is in it?"}
    report(cast, "GapDetectionAgent", {"gaps": [gap, "Another gap"]})
    do(cast, "bob", questions.dismiss_question, the(Question, cast, text="What is in it?").id)
    report(cast, "GapDetectionAgent", {"gaps": [gap]})
    do(cast, "bob", blockers.dismiss_blocker, the(Blocker, cast, text="Another gap").id)


def _of_the_end(cast: Cast) -> None:
    with acting_as(cast.ann.id):
        sessions.start_session(cast.ann.id, cast.project.id)
    do(cast, "ann", hand_offs.leave_hand_off, text="The lens is next.")


def _bring(cast: Cast, rows: Iterable[object]) -> None:
    with acting_as_system([cast.project.id]):
        imports.import_rows(cast.project.id, "adr", list(rows))
