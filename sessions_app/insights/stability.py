"""How well decisions hold: how many were taken back, and how long one stands.

Many decisions are young and still stand: nobody knows yet how long they will. Their plain average would say
"short" about every project that decides a lot just now. The half-life is therefore the median of the
product-limit estimate, which counts each decision for as long as it was seen to stand: E. L. Kaplan and
P. Meier, "Nonparametric Estimation from Incomplete Observations", Journal of the American Statistical
Association 53 (1958), 457-481.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby


class End(StrEnum):
    """How a decision's life ended, as far as anybody saw."""

    # Taken back: the item was explored again, or another decision took its place.
    REOPENED = "reopened"
    SUPERSEDED = "superseded"
    # Seen no longer: it stands to this day, or its item was parked or deleted.
    STANDS = "stands"
    LEFT = "left"


# What is exactly a half on paper is a little more or less by the machine's rounding.
_A_HALF = 0.5 + 1e-9

TAKEN_BACK = (End.REOPENED, End.SUPERSEDED)


@dataclass(frozen=True)
class Life:
    """How long a decision was seen to stand, and what ended that."""

    stood: dt.timedelta
    end: End


@dataclass(frozen=True)
class Stability:
    """The figures of a project's decisions.

    `half_life` is None while more than half of the decisions are estimated to stand; then `still_standing`
    is that share (0 to 1) after `seen_for`, the longest that any was seen to stand. `curve` is the estimate:
    each moment of life at which it falls, with the share that stands from then on.
    """

    decisions: int
    reopened: int
    superseded: int
    half_life: dt.timedelta | None
    still_standing: float
    seen_for: dt.timedelta
    curve: tuple[tuple[dt.timedelta, float], ...]

    def curve_in(self, most: int) -> tuple[tuple[dt.timedelta, float], ...]:
        """The curve in so many moments at most: of those in one such part of its length, the last."""
        if len(self.curve) <= most:
            return self.curve
        part = self.seen_for / most
        # A moment is told in microseconds: by so much the last part may end too soon.
        parts = {min(most, max(1, math.ceil(life / part))): (life, share) for life, share in self.curve}
        return tuple(parts.values())

    @property
    def taken_back_share(self) -> float:
        """The share of decisions that were reopened or superseded, 0 to 1; 0 where there is none."""
        return (self.reopened + self.superseded) / self.decisions if self.decisions else 0.0


def stability(lives: Sequence[Life]) -> Stability:
    """The figures of these decisions.

    The estimate starts at 1 and at each moment of life at which decisions were taken back is multiplied by
    the share of those still under observation that were not. One whose observation ends at that very moment
    still counts as observed. The half-life is the first moment at which the estimate is at most a half.
    """
    ends = Counter(life.end for life in lives)
    estimate, half_life = 1.0, None
    observed = len(lives)
    curve = []
    for stood, ended in groupby(sorted(lives, key=lambda life: life.stood), key=lambda life: life.stood):
        ends_now = [life.end in TAKEN_BACK for life in ended]
        estimate *= 1 - sum(ends_now) / observed
        observed -= len(ends_now)
        if any(ends_now):
            curve.append((stood, estimate))
            if half_life is None and estimate <= _A_HALF:
                half_life = stood
    return Stability(
        decisions=len(lives),
        reopened=ends[End.REOPENED],
        superseded=ends[End.SUPERSEDED],
        half_life=half_life,
        still_standing=estimate,
        seen_for=max((life.stood for life in lives), default=dt.timedelta()),
        curve=tuple(curve),
    )
