"""Never two active sessions, and never none between a start and an end, whatever races."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from django.db import connection

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.models import Membership, Session
from sessions_app.services import items, members, sessions, steps
from sessions_app.services.errors import NotFound
from tests import factories
from tests.conftest import Cast
from tests.db.tools import connect, deadlocks, in_threads, sampled
from tests.waiting import wait_until

SAMPLE_SECONDS = 0.005


def active(cast: Cast) -> Callable[[psycopg.Connection[Any]], int]:
    """How many active sessions Ann has in Lighthouse, asked by the owner."""

    def look(owner: psycopg.Connection[Any]) -> int:
        row = owner.execute(
            "select count(*) from user_sessions where is_active and user_id = %s and project_id = %s",
            [cast.ann.id, cast.project.id],
        ).fetchone()
        assert row is not None
        return int(row[0])

    return look


def test_a_thousand_starts_at_once_leave_exactly_one(cast: Cast) -> None:
    """Case B01: 40 threads x 25 starts of one person in one project, plain and resuming.

    No call fails; a sample every 5 ms never sees two active sessions, and after the first never none.
    """
    threads, each = 40, 25

    def start(number: int) -> int:
        dice, started = random.Random(number), 0
        for _ in range(each):
            with acting_as(cast.ann.id):
                _, resumed = sessions.start_session(cast.ann.id, cast.project.id, resume=dice.random() < 0.5)
            started += not resumed
        return started

    with sampled(active(cast), SAMPLE_SECONDS) as samples:
        started = sum(in_threads(*(lambda number=number: start(number) for number in range(threads))))
    assert len(samples) > 50
    assert set(samples) <= {0, 1}
    assert samples == sorted(samples), "there was none after the first start"
    with acting_as(cast.ann.id):
        rows = list(Session.objects.order_by("session_start"))
    assert len(rows) == started
    assert [row.is_active for row in rows].count(True) == 1
    ended = [row for row in rows if not row.is_active]
    assert all(row.session_start <= row.session_end for row in ended)
    # One after the other: no session began before the one before it had ended.
    spans = sorted((row.session_start, row.session_end) for row in ended)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_switching_between_two_projects_never_deadlocks(cast: Cast) -> None:
    """Case B05: Ann goes P1 -> P2 and P2 -> P1 in parallel, ending one and starting the other.

    How long that takes is looked at in tests/faults, beside what a quiet machine takes.
    """
    second = factories.project(cast.ann, "Second").id
    ways = [(cast.project.id, second), (second, cast.project.id)]
    before = deadlocks()

    def switch(number: int) -> None:
        for count in range(15):
            leaves, enters = ways[(number + count) % 2]
            with acting_as(cast.ann.id):
                sessions.end_session(cast.ann.id, leaves)
            with acting_as(cast.ann.id):
                sessions.start_session(cast.ann.id, enters, resume=bool(count % 2))

    in_threads(*(lambda number=number: switch(number) for number in range(8)))
    assert deadlocks() == before
    with acting_as(cast.ann.id):
        # Each snapshot belongs to one session: taken at its own start, to the microsecond.
        assert all(
            session.snapshot_at_start["taken_at"] == session.session_start.isoformat()
            for session in Session.objects.all()
        )


def test_every_door_at_once_never_deadlocks(cast: Cast) -> None:
    """Verbs of a page (resume, then change), marks, plain starts, ends, sweeps, and changes of role.

    All lock in one order: membership, project, rows. No call fails, and two are never active.
    """
    ann, project = cast.ann.id, cast.project.id
    before = deadlocks()

    def verb() -> None:
        sessions.start_session(ann, project, resume=True)
        items.add_item(project, cast.actor("ann"), title="Idea")
        sessions.touch_session(ann, project)

    def mark() -> None:
        sessions.start_session(ann, project, resume=True)
        steps.undo(ann, project, f"project:{project}")

    def done() -> None:
        sessions.start_session(ann, project, resume=True)
        sessions.end_session(ann, project)

    def change_role() -> None:
        members.change_role(project, cast.actor("bob"), ann, role=random.choice(["owner", "editor"]))

    acts: list[Callable[[], object]] = [
        verb,
        mark,
        done,
        lambda: sessions.start_session(ann, project),
        lambda: sessions.end_session(ann, project),
        change_role,
    ]

    def again_and_again(act: Callable[[], object]) -> None:
        for _ in range(25):
            with acting_as(cast.bob.id if act is change_role else ann):
                act()

    def sweep() -> None:
        for _ in range(25):
            with acting_as_system([project]):
                sessions.end_idle(project, clock.now() + 31 * sessions.dt.timedelta(minutes=1))

    with acting_as_system([project]):
        Membership.objects.filter(user=cast.bob).update(role="owner")
    with sampled(active(cast), SAMPLE_SECONDS) as samples:
        in_threads(*(lambda act=act: again_and_again(act) for act in acts), sweep)
    assert set(samples) <= {0, 1}
    assert deadlocks() == before


def test_a_member_taken_out_meanwhile_deadlocks_nobody(cast: Cast) -> None:
    """Ann removes Bob, or erases the project, while Bob's pages are at work: he finds it gone."""
    before, is_over = deadlocks(), threading.Event()

    def bob_works(project: Any) -> str:
        is_last = False
        while not is_last:
            is_last = is_over.is_set()
            try:
                with acting_as(cast.bob.id):
                    sessions.start_session(cast.bob.id, project, resume=True)
                    items.add_item(project, cast.actor("bob"), title="Idea")
            except NotFound:
                return "gone"
        return "still there"

    def remove(project: Any) -> None:
        members.remove_member(project, cast.actor("ann"), cast.bob.id)

    def erase(project: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select erase_project(%s)", [project])

    def ann_ends_it(end: Callable[[Any], None], project: Any) -> str:
        time.sleep(0.03)
        try:
            with acting_as(cast.ann.id):
                end(project)
        finally:
            is_over.set()
        return "ended"

    for end in (remove, erase) * 4:
        project = factories.project(cast.ann, "Short", editors=[cast.bob]).id
        is_over.clear()
        works = (lambda project=project: bob_works(project),) * 2
        told = in_threads(*works, lambda project=project, end=end: ann_ends_it(end, project))
        assert told == ["gone", "gone", "ended"]
    assert deadlocks() == before


def test_a_start_that_waited_knows_what_was_committed_meanwhile(cast: Cast) -> None:
    """Ann's second tab waits for her first one, which decides something: its snapshot has it."""
    ann, project = cast.ann.id, cast.project.id
    second: list[Session] = []

    def start() -> None:
        with acting_as(ann):
            second.append(sessions.start_session(ann, project)[0])

    made = _while_holding(cast, start)
    assert second[0].snapshot_at_start["version"] == made
    with acting_as(ann):
        first = Session.objects.get(is_active=False)
    assert first.end_version == made


@pytest.mark.parametrize("way", ["touch", "resume", "end"])
def test_a_request_that_waited_takes_nothing_back(cast: Cast, way: str) -> None:
    """A touch, resume or end that waited for a verb leaves the session at the verb's version or later."""
    ann, project = cast.ann.id, cast.project.id
    act = {
        "touch": lambda: sessions.touch_session(ann, project),
        "resume": lambda: sessions.start_session(ann, project, resume=True),
        "end": lambda: sessions.end_session(ann, project),
    }[way]

    def late() -> None:
        with acting_as(ann):
            act()

    made = _while_holding(cast, late)
    with acting_as(ann):
        assert Session.objects.get().end_version == made


def test_the_sweep_passes_over_whoever_is_taken_out_meanwhile(cast: Cast) -> None:
    """Bob is removed while the sweep waits for his membership: the others' sessions end all the same."""
    long_ago = clock.now() - 3 * sessions.dt.timedelta(hours=1)
    for user in (cast.ann, cast.bob, cast.vera):
        with clock.at(long_ago), acting_as(user.id):
            sessions.start_session(user.id, cast.project.id)
    swept: list[int] = []

    def sweep() -> None:
        with acting_as_system([cast.project.id]):
            swept.append(len(sessions.end_idle(cast.project.id, clock.now())))

    with acting_as(cast.ann.id):
        members.remove_member(cast.project.id, cast.actor("ann"), cast.bob.id)
        sweeping = _in_background(sweep)
        _wait_until_somebody_waits()
    sweeping()
    assert swept == [2]


def _while_holding(cast: Cast, act: Callable[[], None]) -> int:
    """Run `act` in a thread, which has to wait, while a page of Ann's is in the middle of a verb.

    Returns the version the verb made.
    """
    ann, project = cast.ann.id, cast.project.id
    with acting_as(ann):
        sessions.start_session(ann, project)
    with acting_as(ann):
        sessions.start_session(ann, project, resume=True)
        steps.undo(ann, project, f"project:{project}")
        finish = _in_background(act)
        _wait_until_somebody_waits()
        made = items.add_item(project, cast.actor("ann"), title="Meanwhile").version
        sessions.touch_session(ann, project)
    finish()
    return made


def _in_background(act: Callable[[], None]) -> Callable[[], None]:
    """Start `act` in a thread; returns what waits for its end and raises its error."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            in_threads(act)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def finish() -> None:
        thread.join(timeout=20)
        assert not thread.is_alive()
        if failed:
            raise failed[0]

    return finish


def _wait_until_somebody_waits() -> None:
    """Until a connection to this database waits for a lock: sooner than it gives up waiting."""
    waiting = "select from pg_locks where not granted and pid <> pg_backend_pid()"
    with connect("owner") as owner:
        wait_until(lambda: owner.execute(waiting).fetchone() is not None, step=0.01)
