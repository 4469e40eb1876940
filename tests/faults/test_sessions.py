"""B: exactly one active session, however many tabs and requests."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass

from tests.faults.cases import case
from tests.faults.product import Person, Product
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts

SAMPLE_SECONDS = 0.005


@dataclass(frozen=True)
class Tabs:
    clients: int
    each: int


@case("B01")
@sizes(Tabs(10, 8), Tabs(40, 25))
def test_many_tabs_are_one_session(product: Product, size: Tabs, verdicts: Verdicts) -> None:
    """Activations of one person in one project, sampled every 5 ms from beside the product."""
    stage = product.settle(people=1)
    (person,), path = stage.people, stage.path("session/")
    # Tabs of one browser: they share its cookies.
    assert person.post(path)[0] == 302
    statuses: Counter[int] = Counter()
    samples: list[int] = []
    done = threading.Event()

    def activate(tab: Person) -> None:
        for number in range(size.each):
            status, _ = tab.post(path) if number % 2 else tab.get(stage.path(""))
            statuses[status] += 1
        tab.close()

    def sample() -> None:
        sql = "select count(*) from user_sessions where is_active and project_id::text = %s"
        with product.oracle() as oracle:
            while not done.is_set():
                samples.append(oracle.execute(sql, [stage.projects[0]]).fetchone()[0])
                time.sleep(SAMPLE_SECONDS)

    sampler = threading.Thread(target=sample)
    sampler.start()
    tabs = [threading.Thread(target=activate, args=[person.at(person.port)]) for _ in range(size.clients)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join(300)
    done.set()
    sampler.join(10)
    verdicts.at_least("samples of the active sessions", len(samples), 20)
    verdicts.only("active sessions in any sample", Counter(samples), {1})
    # What comes while every connection is taken is told to come again; nothing breaks.
    verdicts.only("answers", statuses, {200, 302, 503})
