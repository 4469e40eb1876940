"""A: what was answered 202 is there, whatever is killed; the same event counts once."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.faults.cases import case
from tests.faults.product import Person, Product
from tests.faults.sizes import sizes
from tests.faults.tracking import events_of, stream
from tests.faults.verdicts import Verdicts
from tests.faults.waiting import wait_until
from tests.faults.watching import watching


@dataclass(frozen=True)
class Load:
    a_second: float
    seconds: float
    kills: int


@case("A03")
@sizes(Load(15, 6, 1), Load(50, 60, 5))
def test_a_killed_web_process_loses_nothing_it_acknowledged(
    product: Product, size: Load, verdicts: Verdicts
) -> None:
    """SIGKILL of the web process at random under load."""
    stage = product.settle(people=4)
    port = product.web.port
    with watching(product) as seen, ThreadPoolExecutor(1) as clients:
        sending = clients.submit(stream, port, events_of(stage), a_second=size.a_second, seconds=size.seconds)
        for _ in range(size.kills):
            time.sleep(random.uniform(0.3, 0.7) * size.seconds / size.kills)
            product.processes.pop().kill()
            product.serve(port=port)
        ledger = sending.result()
    verdicts.at_least("events accepted", len(ledger.accepted()), 20)
    verdicts.none("202s without a row", ledger.without_a_row(product, stage))
    verdicts.only("answers (0: none)", ledger.statuses(), {0, 202, 503})
    seen.told(verdicts)


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
