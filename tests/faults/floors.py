"""How slow the machine is just now: what an exchange with a server takes that is not the product.

The one place where it is said what a quiet machine needs for it. A limit of time that a case gives this floor
is one that the product may miss only by as much as this exchange does:

    floor = bare_floor()
    verdicts.at_most("slowest answer", seconds, 2, "s", floor)

Measured before the product is under load, or after: what it takes from the machine is its own.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.asking import Client
from tests.faults.verdicts import Floor

SERVER = Path(__file__).with_name("bare_server.py")
EXCHANGES = 60
# The median of them on a machine of two cores that does nothing else.
QUIET_MILLISECONDS = 0.14


def bare_floor() -> Floor:
    """The median of exchanges on one connection, in milliseconds: a single late one makes no machine slow."""
    with bare_server() as port:
        client = Client(port)
        taken = [_exchange(client) for _ in range(EXCHANGES)]
        client.close()
    return Floor(statistics.median(taken) * 1000, QUIET_MILLISECONDS)


@contextmanager
def bare_server() -> Iterator[int]:
    """The port of one in a process of its own, until the block ends."""
    with subprocess.Popen([sys.executable, str(SERVER)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def _exchange(client: Client) -> float:
    started = time.perf_counter()
    assert client.ask("GET", "/").status == 200
    return time.perf_counter() - started
