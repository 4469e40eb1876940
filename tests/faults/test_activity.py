"""A: what was answered 202 is there, whatever is killed; the same event counts once."""

from __future__ import annotations

import http.client
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.cases import case
from tests.faults.product import Person, Product, Stage
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts


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
@case("A03")
@sizes(Load(4, 6, 1), Load(8, 60, 5))
def test_a_killed_web_process_loses_nothing_it_acknowledged(
    product: Product, size: Load, verdicts: Verdicts
) -> None:
    """SIGKILL of the web process at random under load."""
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
    verdicts.at_least("events accepted", len(accepted), 20)
    verdicts.none("202s without a row", accepted - stored)
    verdicts.only("answers (0: none)", Counter(ledger.answered.values()), {0, 202, 503})


@dataclass(frozen=True)
class Repeats:
    events: int
    people: int


@case("A07")
@sizes(Repeats(25, 2), Repeats(400, 4))
def test_the_same_event_counts_once(product: Product, size: Repeats, verdicts: Verdicts) -> None:
    """Each event 1-5 times, partly at once; another body; another person's equal id."""
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
    verdicts.only("answers", statuses, {202})
    mine = "project_id::text = %s"
    rows = product.ask(
        f"select user_id::text, event_id::text, count(*) from tracked_activities where {mine} group by 1, 2",
        stage.projects[0],
    )
    expected = {(person.id, event) for person in stage.people for event in events}
    verdicts.none("events without a row, rows without an event", expected ^ {row[:2] for row in rows})
    verdicts.only("rows an event", {count for _, _, count in rows}, {1})
    waiting = f"select from tracked_activities where {mine} and digested_at is null"
    wait_until(lambda: not product.ask(waiting, stage.projects[0]))
    counted = product.ask(
        f"select user_id::text, activities_tracked from session_analytics where {mine}", stage.projects[0]
    )
    verdicts.holds(
        "counted once for each person",
        dict(counted) == {person.id: size.events for person in stage.people},
        f"{size.events} each",
    )


def wait_until(happened, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.1)
