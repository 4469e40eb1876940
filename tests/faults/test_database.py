"""D: the database breaks off, stands still or is locked; nothing breaks, and it recovers by itself."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections import Counter

from tests.faults.cases import case
from tests.faults.conftest import running
from tests.faults.product import Person
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts


@case("D01")
@sizes(8.0, 55.0)
def test_the_database_restarts_under_load(size: float, verdicts: Verdicts) -> None:
    """An immediate stop. 503 with Retry-After for at most 15 s, never a 500, then no error."""
    with running() as product:
        stage = product.settle(people=4)
        answers: list[tuple[float, int]] = []
        until = time.monotonic() + size
        restarted_at = 0.0

        def use(person: Person) -> None:
            while time.monotonic() < until:
                for path, form in ((stage.path(""), None), (stage.path("messages/"), {"text": "Hello"})):
                    try:
                        status = (person.get(path) if form is None else person.post(path, form))[0]
                    except (OSError, http.client.HTTPException):
                        status = 0
                    except AssertionError:
                        status = 503
                    answers.append((time.monotonic(), status))
                    time.sleep(0.05)

        threads = [threading.Thread(target=use, args=[person]) for person in stage.people]
        for thread in threads:
            thread.start()
        time.sleep(size / 4)
        restarted_at = time.monotonic()
        os.kill(product.postmaster(), signal.SIGQUIT)
        for thread in threads:
            thread.join(120)
        statuses = Counter(status for _, status in answers)
        verdicts.only("answers", statuses, {200, 302, 503})
        refused = [moment for moment, status in answers if status == 503]
        verdicts.at_least("503s: the restart was noticed", len(refused), 1)
        verdicts.at_most("last 503 after the restart", max(refused) - restarted_at, 15, "s")
