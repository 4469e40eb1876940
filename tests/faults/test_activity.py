"""A: what was answered 202 is there, whatever is killed."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.faults.cases import case
from tests.faults.product import Product
from tests.faults.sizes import sizes
from tests.faults.tracking import events_of, stream
from tests.faults.verdicts import Verdicts
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
