"""How long a page takes."""

from __future__ import annotations

import time

from tests.faults.product import Person


def timed(person: Person, path: str) -> float:
    """Milliseconds for one page."""
    started = time.perf_counter()
    assert person.get(path)[0] == 200
    return (time.perf_counter() - started) * 1000
