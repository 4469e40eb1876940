"""D: the database breaks off, stands still or is locked; nothing breaks, and it recovers by itself."""

from __future__ import annotations

import os
import signal
import time

from tests.faults.cases import case
from tests.faults.conftest import running
from tests.faults.load import load, until_works
from tests.faults.sizes import sizes
from tests.faults.tracking import events_of, flood
from tests.faults.verdicts import Verdicts


@case("D01")
@sizes(3.0, 45.0)
def test_the_database_restarts_under_load(size: float, verdicts: Verdicts) -> None:
    """An immediate stop. 503 with Retry-After for at most 15 s, never a 500, then no error."""
    with running() as product:
        stage = product.settle(people=4)
        port, events = product.web.port, events_of(stage)
        # Each program is known to the server, and the line by which it keeps their reports is open.
        before = flood(port, events, at_once=1, in_all=4 * len(stage.people))
        with load(stage) as used:
            time.sleep(1.5)
            restarted = time.monotonic()
            os.kill(product.postmaster(), signal.SIGQUIT)
            # The first pages may still come from before anybody noticed.
            time.sleep(0.5)
            recovered = until_works(stage)
            time.sleep(size)
        late = flood(port, events, at_once=1, in_all=4 * len(stage.people))
        refused = [each.sent for each in used.requests if each.status == 503]
        verdicts.only("answers", used.statuses(), {200, 302, 503})
        verdicts.at_least("503s: the restart was noticed", len(refused), 1)
        verdicts.none("503 without Retry-After", used.without_a_hint())
        verdicts.at_most("pages answer again", recovered - restarted, 15, "s")
        verdicts.at_most("last 503 after the restart", max(refused) - restarted, 15, "s")
        since = [each for each in used.requests if each.sent > max(refused)]
        verdicts.at_least("answers without an error since then", len(since), 20)
        verdicts.none("acknowledged and lost", used.lost(product))
        verdicts.none("half done", used.half_done(product))
        lost = before.without_a_row(product, stage) | late.without_a_row(product, stage)
        verdicts.only("reports before, and the first after it", before.statuses() + late.statuses(), {202})
        verdicts.none("reports acknowledged and lost", lost)
