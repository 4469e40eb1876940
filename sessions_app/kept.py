"""What was made once, kept for whoever asks for it next: as much of it as there is room for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


def _one(_value: object) -> int:
    return 1


class Kept(Generic[Value]):
    """Values by their keys, for all threads. Those asked for least lately make room for the others."""

    def __init__(self, room: int, weigh: Callable[[Value], int] = _one) -> None:
        """`room` is what all of them together may weigh; each weighs one unless `weigh` says otherwise."""
        self._most = self._room = room
        self._weigh = weigh
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, Value] = OrderedDict()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    def get(self, key: Hashable) -> Value | None:
        """What is kept under this key."""
        with self._lock:
            if (value := self._values.get(key)) is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a value, in place of what was kept under its key; what weighs more than all room is not."""
        weight = self._weigh(value)
        with self._lock:
            self._drop(key)
            if weight > self._most:
                return
            self._values[key] = value
            self._room -= weight
            while self._room < 0:
                self._drop(next(iter(self._values)))

    def drop(self, key: Hashable) -> None:
        """Forget it."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: Hashable) -> None:
        if (value := self._values.pop(key, None)) is not None:
            self._room += self._weigh(value)
