"""How busy the machine is with other things: what a piece of work takes that is not the product's.

A limit of time that a case gives this floor is one that the product may miss only by as much as this does:

    floor = bare_floor()
    verdicts.at_most("slowest answer", seconds, 2, "s", floor)

The work goes on beside the case, and the floor is what it came to by the time of the verdict.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path
from typing import IO

from tests.faults.verdicts import Floor

WORK = Path(__file__).with_name("pieces.py")
FIRST_SECONDS = 0.5


class Beside(Floor):
    """The floor by pieces of work that go on until nobody holds it any more; milliseconds."""

    def __init__(self) -> None:
        told = tempfile.NamedTemporaryFile()  # noqa: SIM115 -- closed with the process
        self._told = Path(told.name)
        process = subprocess.Popen([sys.executable, str(WORK)], stdin=subprocess.PIPE, stdout=told)
        weakref.finalize(self, _end, process, told)
        time.sleep(FIRST_SECONDS)

    @property
    def measured(self) -> float:
        """What one of ten pieces took, or more: limits are about the slow ones."""
        return statistics.quantiles(self._pieces(0), n=10)[-1]

    @property
    def quiet(self) -> float:
        """What a piece takes of the processor alone, in the same run."""
        return statistics.median(self._pieces(1))

    def _pieces(self, place: int) -> list[float]:
        whole = self._told.read_text().rpartition("\n")[0].splitlines()
        return [float(line.split()[place]) * 1000 for line in whole]


def bare_floor() -> Floor:
    """The floor from now on."""
    return Beside()


def _end(process: subprocess.Popen[bytes], told: IO[bytes]) -> None:
    assert process.stdin
    process.stdin.close()
    process.wait(10)
    told.close()
