"""The floor asks what the hot door asks: it is started by benchmarks only, and would be noticed too late."""

from __future__ import annotations

import re

from tests.benchmarks import floor


def test_the_floor_gives_the_statement_what_it_takes() -> None:
    given = floor.asked({"sub": "", "sid": ""}, "")
    assert set(re.findall(r"%\((\w+)\)s", floor.STATEMENT)) == given.keys()
