"""What the hot door remembers of those who ask: of so many, and then it forgets the first of them."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST = 5_000


class Memory(OrderedDict[K, V]):
    """A dictionary of MOST keys."""

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        if len(self) > MOST:
            self.popitem(last=False)
