"""What is known of many numbers of which only classes were counted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise


def quantile(share: float, classes: Sequence[int], limits: Sequence[float], *, most: float) -> float | None:
    """The value that this share of the numbers does not exceed, or None without numbers.

    `classes` are how many numbers fell below each of the `limits` (and not below the one before it), and at
    the end how many above the last; `most` is the greatest of all. Within a class they are taken to be spread
    evenly.
    """
    count = sum(classes)
    if not count:
        return None
    wanted = share * count
    edges = list(pairwise([0.0, *limits, max(most, limits[-1])]))
    for (lower, upper), here, below in zip(edges, classes, accumulate(classes, initial=0), strict=False):
        if here and below + here >= wanted:
            value = lower + (upper - lower) * max(0.0, wanted - below) / here
            # Nothing was longer than the longest.
            return min(value, most)
    return most
