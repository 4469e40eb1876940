"""A: what was answered 202 is there, whatever is killed; the same event counts once."""

from __future__ import annotations

import http.client
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.conftest import running
from tests.faults.product import Person, Product, Stage
from tests.faults.sizes import sizes


@dataclass
class Ledger:
    """What clients tried, and what they were answered."""

    answered: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, event: str, status: int) -> None:
        with self.lock:
            self.answered[event] = status

    def with_status(self, status: int) -> set[str]:
        return {event for event, got in self.answered.items() if got == status}


@dataclass(frozen=True)
class Load:
    clients: int
    seconds: float
    kills: int


def keep_tracking(stage: Stage, person: Person, ledger: Ledger, until: float) -> None:
    """Post events until it is time, each noted before and after; a lost connection is tried anew."""
    while time.monotonic() < until:
        event = str(uuid.uuid4())
        ledger.note(event, 0)
        try:
            status, _ = person.post(stage.path("activity/"), {"event_id": event})
        except (OSError, http.client.HTTPException, AssertionError, KeyError):
            time.sleep(0.05)
            continue
        ledger.note(event, status)


# The full form's load is what two cores carry beside the clients.
@sizes(Load(4, 6, 1), Load(8, 60, 5))
def test_a_killed_web_process_loses_nothing_it_acknowledged(product: Product, size: Load) -> None:
    """A03: SIGKILL of the web process at random under load."""
    stage = product.settle(people=size.clients)
    ledger, until = Ledger(), time.monotonic() + size.seconds
    port = product.web.port
    clients = [
        threading.Thread(target=keep_tracking, args=[stage, person, ledger, until]) for person in stage.people
    ]
    for client in clients:
        client.start()
    for _ in range(size.kills):
        time.sleep(random.uniform(0.3, 0.7) * size.seconds / size.kills)
        product.processes.pop().kill()
        product.serve(port=port)
    for client in clients:
        client.join(60)
    rows = product.ask(
        "select event_id from tracked_activities where project_id::text = %s", stage.projects[0]
    )
    stored = {str(event) for (event,) in rows}
    accepted = ledger.with_status(202)
    print(f"\nA03: {len(ledger.answered)} tried, {len(accepted)} accepted, {len(stored)} stored")
    assert len(accepted) > 20
    assert accepted <= stored, "a 202 was lost"
    assert set(Counter(ledger.answered.values())) <= {0, 202, 503}


@dataclass(frozen=True)
class Repeats:
    events: int
    people: int


@sizes(Repeats(25, 2), Repeats(400, 4))
def test_the_same_event_counts_once(product: Product, size: Repeats) -> None:
    """A07: each event 1-5 times, partly at once; another body; another person's equal id."""
    stage = product.settle(people=size.people)
    dice = random.Random(7)
    events = [str(uuid.uuid4()) for _ in range(size.events)]
    statuses: Counter[int] = Counter()
    path = stage.path("activity/")

    def send(person: Person, mine: list[str]) -> None:
        for event in mine:
            statuses[person.post(path, {"event_id": event, "kind": "typed"})[0]] += 1
        person.close()

    for person in stage.people:
        assert person.post(path, {"event_id": "x"})[0] == 422
        times = [event for event in events for _ in range(dice.randint(1, 5))]
        dice.shuffle(times)
        half = len(times) // 2
        threads = [
            threading.Thread(target=send, args=[person.at(person.port), part])
            for part in (times[:half], times[half:])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert person.post(path, {"event_id": events[0], "kind": "other"})[0] == 409
    assert set(statuses) == {202}
    mine = "project_id::text = %s"
    rows = product.ask(
        f"select user_id::text, event_id::text, count(*) from tracked_activities where {mine} group by 1, 2",
        stage.projects[0],
    )
    expected = {(person.id, event) for person in stage.people for event in events}
    assert {(user, event) for user, event, _ in rows} == expected
    assert {count for _, _, count in rows} == {1}
    waiting = f"select from tracked_activities where {mine} and digested_at is null"
    wait_until(lambda: not product.ask(waiting, stage.projects[0]))
    counted = product.ask(
        f"select user_id::text, activities_tracked from session_analytics where {mine}", stage.projects[0]
    )
    assert dict(counted) == {person.id: size.events for person in stage.people}


@dataclass(frozen=True)
class Backlog:
    events: int


@sizes(Backlog(5_000), Backlog(50_000))
def test_a_backlog_is_drained(size: Backlog) -> None:
    """W04: worker off, events wait, worker on: at least 200 a second, pages go on meanwhile."""
    with running("--no-worker") as product:
        stage = product.settle(people=1)
        (person,), page = stage.people, stage.path("")
        assert person.get(page)[0] == 200
        before = [timed(person, page) for _ in range(20)]
        done = product.manage("shell", "-c", _MANY.format(project=stage.projects[0], count=size.events))
        assert "MADE" in done.stdout, done.stdout + done.stderr
        started = time.monotonic()
        product.worker()
        during = []

        def waiting() -> int:
            return product.ask("select count(*) from tracked_activities where digested_at is null")[0][0]

        while waiting():
            during.append(timed(person, page))
            assert time.monotonic() - started < size.events / 200 + 10
            time.sleep(0.1)
        took = time.monotonic() - started
        print(
            f"\nW04: {size.events} drained in {took:.1f} s ({size.events / took:,.0f}/s, the worker's start"
            f" included); page median {median(before):.0f} ms before, {median(during or [0]):.0f} ms during"
        )
        assert product.ask("select activities_tracked from session_analytics") == [(size.events,)]
        person.close()


_MANY = """
from sessions_app.db.rls import acting_as_system
from sessions_app.models import Membership, TrackedActivity
with acting_as_system(["{project}"]):
    user = Membership.objects.get(project_id="{project}").user_id
    TrackedActivity.objects.bulk_create(
        [TrackedActivity(project_id="{project}", user_id=user, kind="k", version=1) for _ in range({count})],
        batch_size=5000,
    )
print("MADE")
"""


def timed(person: Person, path: str) -> float:
    """Milliseconds for one page."""
    started = time.perf_counter()
    assert person.get(path)[0] == 200
    return (time.perf_counter() - started) * 1000


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def wait_until(happened, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.1)
