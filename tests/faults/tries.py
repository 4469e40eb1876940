"""Which of very many wrong values are tried: one of each kind, and so many more as there is time for."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

# How many more than one of each kind are tried.
QUICK, FULL = 50, 10_000

# Where in a body: names of fields, numbers in lists.
Place = tuple[str | int, ...]


class Try(NamedTuple):
    """One field of one body with one wrong value; `kind` says which others are of the same kind."""

    # An operation of the API, or a tool's name.
    where: Any
    field: Place
    raw: bytes
    kind: object


def chosen(all_of_them: list[Try], more: int) -> list[Try]:
    """One of each kind, and so many more."""
    dice = random.Random(4)
    dice.shuffle(all_of_them)
    of_each_kind = list({each.kind: each for each in all_of_them}.values())
    return [*of_each_kind, *all_of_them[:more]]
