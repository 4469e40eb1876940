"""The project's version: one up per transaction that changes it, in the order of commits, no gaps."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.models import Membership, ProjectCounter
from sessions_app.services import agents, dependencies, items, messages, sessions, waking
from tests.conftest import Cast
from tests.db.tools import CHECK_VIOLATION, attempt, column, in_threads, owner_rows, sampled


def version(cast: Cast) -> int:
    with acting_as(cast.ann.id):
        return ProjectCounter.objects.get(project=cast.project).version


def ledger_versions(project_id: UUID) -> list[int]:
    """The versions of the project's ledger rows, in the order the rows were numbered."""
    return column("select version from activities where project_id = %s order by id", project_id)


def test_concurrent_verbs_make_versions_without_gap_or_double(cast: Cast) -> None:
    """Eight threads add 25 items each: 200 versions, and no reader ever finds a gap among them.

    A reader who finds version n finds all before it: versions are in the order of the commits.
    """
    threads, each = 8, 25
    project, first = cast.project.id, version(cast)

    def add_items(number: int) -> list[int]:
        made = []
        for count in range(each):
            with acting_as((cast.ann if number % 2 else cast.bob).id):
                actor = cast.actor("ann" if number % 2 else "bob")
                made.append(items.add_item(project, actor, title=f"{number}.{count}").version)
        return made

    def committed(owner: psycopg.Connection[Any]) -> tuple[int, int, int]:
        found = owner.execute(
            "select (select version from project_counters where project_id = %(p)s), max(version),"
            " count(distinct version) from activities where project_id = %(p)s",
            {"p": project},
        ).fetchone()
        assert found is not None
        return found

    with sampled(committed, every_seconds=0.003) as samples:
        made = in_threads(*(lambda number=number: add_items(number) for number in range(threads)))
    everything = sorted(number for one in made for number in one)
    assert everything == list(range(first + 1, first + 1 + threads * each))
    assert all(one == sorted(one) for one in made)
    assert ledger_versions(project) == list(range(1, first + 1 + threads * each))
    assert len(samples) > 20
    assert [sample for sample in samples if len(set(sample)) > 1] == []
    assert samples == sorted(samples)


def test_of_many_who_decide_the_same_at_once_one_does(cast: Cast) -> None:
    """Whoever takes the project's lock reads what the one before committed: one decision, one row."""
    project = cast.project.id
    with acting_as(cast.ann.id):
        found = [items.add_item(project, cast.actor("ann"), title=title).id for title in "ABCDE"]
    before = version(cast)

    def decide_all() -> None:
        for item_id in found:
            with acting_as(cast.bob.id):
                items.decide_item(project, cast.actor("bob"), item_id, reason="Agreed")

    in_threads(*[decide_all] * 6)
    assert version(cast) == before + len(found)
    decided = column("select item_id from activities where kind = 'item.decided' order by id")
    assert decided == found


def test_all_rows_of_one_transaction_carry_one_version(cast: Cast) -> None:
    """Several verbs in one transaction, and what follows from them, are one step."""
    project, ann = cast.project.id, cast.actor("ann")
    before = version(cast)
    with acting_as(cast.ann.id):
        lamp = items.add_item(project, ann, title="Lamp")
        lens = items.add_item(project, ann, title="Lens")
        dependencies.add_dependency(project, ann, waiting_id=lens.id, blocking_id=lamp.id)
        items.decide_item(project, ann, lamp.id)
    assert version(cast) == before + 1
    rows = owner_rows("select version, count(*) from activities where project_id = %s group by 1", project)
    assert dict(rows) == {before: 1, before + 1: 6}


def test_a_rollback_leaves_no_gap(cast: Cast) -> None:
    """What was undone raised nothing, be it the whole transaction or a part of it."""
    project, ann = cast.project.id, cast.actor("ann")
    before = version(cast)

    def undone() -> None:
        with acting_as(cast.ann.id):
            assert items.add_item(project, ann, title="Undone").version == before + 1
            transaction.set_rollback(True)

    def undone_in_part() -> None:
        with suppress(LookupError), transaction.atomic():
            assert items.add_item(project, ann, title="Undone").version == before + 1
            raise LookupError

    undone()
    assert version(cast) == before
    with acting_as(cast.ann.id):
        undone_in_part()
        assert items.add_item(project, ann, title="Done").version == before + 1
        undone_in_part()
    assert version(cast) == before + 1
    assert ledger_versions(project) == [before, before + 1]


def test_what_changes_nothing_raises_nothing(cast: Cast) -> None:
    """Deciding twice with the same words is one decision."""
    project, ann = cast.project.id, cast.actor("ann")
    with acting_as(cast.ann.id):
        item = items.add_item(project, ann, title="Lamp")
    with acting_as(cast.ann.id):
        items.decide_item(project, ann, item.id, reason="It shines")
    before = version(cast)
    with acting_as(cast.ann.id):
        items.decide_item(project, ann, item.id, reason="It shines")
        assert waking.wake_due(project, item.changed_at) == 0
    assert version(cast) == before


@pytest.mark.parametrize("off_by", [-1, 1, 1000])
def test_a_ledger_row_with_another_version_is_refused(cast: Cast, off_by: int) -> None:
    """Nobody writes into the past or the future, also not in a transaction that raised the version."""
    with acting_as(cast.ann.id), connection.cursor() as cursor:
        cursor.execute("select raise_version(%s)", [cast.project.id])
        raised = cursor.fetchone()[0]
        assert attempt(INSERT, cast.project.id, raised + off_by, cast.ann.id) == CHECK_VIOLATION
        assert attempt(INSERT, cast.project.id, raised, cast.ann.id) == 1


def test_a_ledger_row_needs_a_version_raised_by_its_own_transaction(cast: Cast) -> None:
    """The present version, raised by an earlier transaction, is the past."""
    present = version(cast)
    with acting_as(cast.ann.id):
        assert attempt(INSERT, cast.project.id, present, cast.ann.id) == CHECK_VIOLATION
    assert ledger_versions(cast.project.id) == [present]


INSERT = """
insert into activities (project_id, version, kind, actor_kind, actor_id, actor_agent, data, created_at)
values (%s, %s, 'item.added', 'user', %s, '', '{}', now())
"""


def test_taking_in_a_report_raises_nothing_and_waits_for_nobody(cast: Cast) -> None:
    """While Ann's verb holds the project an agent's report is stored; its digestion is one version."""
    project, before = cast.project.id, version(cast)

    def report() -> int:
        with acting_as_system([project]), connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = '100ms'")
            row = agents.post_agent_activity(
                project, agent_type="QuestionerAgent", action="asked", details={"questions": ["Gas?", "Oil?"]}
            )
            assert row is not None
        return version(cast)

    with acting_as(cast.ann.id):
        messages.post_message(project, cast.actor("ann"), text="I hold the project.")
        assert in_threads(report) == [before]
    assert version(cast) == before + 1
    with acting_as_system([project]):
        agents.post_agent_activity(
            project, agent_type="QuestionerAgent", action="asked", details={"questions": ["Gas?", "Oil?"]}
        )
    assert version(cast) == before + 1
    digest_waiting([project])
    assert version(cast) == before + 2


def test_what_is_ones_own_raises_ones_own_version(cast: Cast) -> None:
    """A session's start and end raise Ann's membership, not the project, nor Bob's membership."""
    before = version(cast)
    with acting_as(cast.ann.id):
        sessions.start_session(cast.ann.id, cast.project.id)
    with acting_as(cast.ann.id):
        sessions.end_session(cast.ann.id, cast.project.id)
        own = dict(Membership.objects.values_list("user_id", "version"))
    assert own == {cast.ann.id: 2, cast.bob.id: 0, cast.vera.id: 0}
    assert version(cast) == before
