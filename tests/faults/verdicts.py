"""What a run found of each case: figure, limit and verdict."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sized
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest

from tests.faults.cases import CASES

HELD, BROKEN, SLOW = "held", "BROKEN", "slow machine"
# Past so many times its limit a figure is broken on any machine.
MOST_FORGIVEN = 4
# Cases that run beside others share the processor with them. Alone, as in full, the limit itself is judged.
MOST_FORGIVEN_BESIDE_OTHERS = 3
UNITS_OF_TIME = ("ms", "s")


class Verdict(NamedTuple):
    """One line of the table."""

    case: str
    what: str
    figure: str
    limit: str
    verdict: str


@dataclass(eq=False)
class Floor:
    """What the bare machine needed for the like in the same run, and what a quiet one needs, in one unit."""

    measured: float
    quiet: float


@dataclass
class Verdicts:
    """One test's findings: each is noted, then holds or fails the test."""

    case: str
    # Plain tuples: a worker of xdist sends nothing else.
    found: list[tuple[str, ...]] = field(default_factory=list)

    def holds(self, what: str, is_so: bool, figure: object = "") -> None:
        """Something is so, or it is not."""
        self._note(what, str(figure or ("yes" if is_so else "no")), "yes", HELD if is_so else BROKEN)

    def none(self, what: str, found: Sized) -> None:
        """Nothing of the kind was found: nothing lost, nothing doubled."""
        count = len(found)
        self._note(what, str(count), "0", BROKEN if count else HELD, list(found) if count else "")  # type: ignore[call-overload]

    def only(self, what: str, found: Iterable[object], allowed: Collection[object]) -> None:
        """Something was found, and all of it is among those allowed; a Counter is told with its counts."""
        figure = dict(found) if isinstance(found, dict) else sorted(set(found), key=str)
        is_so = bool(figure) and set(figure) <= set(allowed)
        self._note(what, str(figure), "/".join(map(str, allowed)), HELD if is_so else BROKEN)

    def at_most(
        self, what: str, figure: float, limit: float, unit: str = "", floor: Floor | None = None
    ) -> None:
        """A figure stays within its limit.

        `floor` is for limits of time alone: over the limit, but within it once the machine's slowness is
        taken out (figure × quiet / measured), the verdict is "slow machine" and fails nothing. That goes for
        figures up to MOST_FORGIVEN limits; and without a floor for those of time, where cases run three at
        a time, up to MOST_FORGIVEN_BESIDE_OTHERS.
        """
        verdict = HELD if figure <= limit else BROKEN
        told = f"{figure:,.4g} {unit}".strip()
        is_beside_others = "PYTEST_XDIST_WORKER" in os.environ and unit in UNITS_OF_TIME
        if verdict is BROKEN and is_beside_others and figure <= limit * MOST_FORGIVEN_BESIDE_OTHERS:
            verdict = SLOW
        if floor:
            told += f" (floor {floor.measured:,.3g}, quiet {floor.quiet:,.3g})"
            on_a_quiet_one = figure * floor.quiet / floor.measured
            if verdict is BROKEN and on_a_quiet_one <= limit and figure <= limit * MOST_FORGIVEN:
                verdict = SLOW
        self._note(what, told, f"<= {limit:,.6g} {unit}".strip(), verdict)

    def at_least(self, what: str, figure: float, limit: float, unit: str = "") -> None:
        """A figure reaches its limit."""
        told = (f"{figure:,.4g} {unit}".strip(), f">= {limit:,.6g} {unit}".strip())
        self._note(what, *told, HELD if figure >= limit else BROKEN)

    def _note(self, what: str, figure: str, limit: str, verdict: str, why: object = "") -> None:
        self.found.append((self.case, what, figure, limit, verdict))
        if verdict is BROKEN:
            pytest.fail(
                f"{self.case} {CASES[self.case]}: {what}: {figure}, must be {limit} {why}", pytrace=True
            )
