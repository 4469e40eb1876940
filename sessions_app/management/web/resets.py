"""How many requests a connection may call off: each was begun, and to call it off costs nothing."""

from __future__ import annotations

# As many as a page left in the middle calls off, and so many more each second.
AT_ONCE = 100
A_SECOND = 10


class Resets:
    """What one connection may still call off; `now` is in seconds, by a clock that may be set back."""

    def __init__(self, now: float) -> None:
        self._left, self._asked_at = float(AT_ONCE), now

    def are_too_many(self, count: int, now: float) -> bool:
        """Whether so many more are beyond what it may; they count in any case."""
        grown = max(0.0, now - self._asked_at) * A_SECOND
        self._left, self._asked_at = min(AT_ONCE, self._left + grown) - count, now
        return self._left < 0
