"""J07: the commands that compute, where nobody else does: the second time changes no row."""

from __future__ import annotations

import pytest

from tests.faults.cases import case
from tests.faults.filled import fill
from tests.faults.product import Product
from tests.faults.rows import EMPTY, digests
from tests.faults.verdicts import Verdicts

# What they write; in a product with a worker that does, too.
COMPUTED = ("session_analytics", "session_rollups", "work_rollups", "decision_lives")


@case("J07")
@pytest.mark.faults
def test_what_was_computed_stays(quiet: Product, verdicts: Verdicts) -> None:
    """Where no worker computes: what counts, summaries and figures come to is the same row by row."""
    stage = quiet.settle(people=1)
    fill(quiet, stage)
    found = []
    for _ in range(2):
        for name in ("recompute_analytics", "rollup_metrics"):
            quiet.manage(name, "--project", stage.projects[0])
        # How far the roll-up has come goes on with the clock.
        found.append(digests(quiet, {"metric_samples", "presences", "rollup_fills"}, {}))
    first, second = found
    verdicts.none("tables without anything computed", [name for name in COMPUTED if first[name] == EMPTY])
    verdicts.none(
        "tables that the second time changed", [name for name in first if first[name] != second[name]]
    )
