"""What is stored beside what it counts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from sessions_app.management.doctor.finding import Finding, ok, problem
from sessions_app.services import recomputing, rollups
from sessions_app.services.recomputing import Chosen

# A few seconds' worth; `recompute_analytics --check` looks at all of them.
MOST_PAIRS = 50_000


def look() -> Iterator[Finding]:
    """Counters, analytics rows and roll-ups, of so many projects as come to MOST_PAIRS."""
    everything = Chosen()
    batches = recomputing.batches(everything)
    # The first one whatever its size.
    before = itertools.accumulate((batch.pairs for batch in batches), initial=0)
    looked_at = [batch for batch, pairs in zip(batches, before, strict=False) if pairs < MOST_PAIRS]
    found = [each for batch in looked_at for each in recomputing.differences(batch, everything)]
    rows = sum(batch.pairs for batch in looked_at)
    rest = sum(batch.pairs for batch in batches) - rows
    looked = f"{rows:,} rows" if not rest else f"{rows:,} rows (of {rows + rest:,})"
    if found:
        yield problem(
            f"{len(found):,} stored values of {looked} are not what they should be",
            "panels show counts that are not so",
            "manage.py recompute_analytics --check names them, without --check it puts them right",
        )
    else:
        yield ok(f"counters and {looked} of analytics say what they should")
    rolled_up = [
        each for batch in looked_at for project in batch.project_ids for each in rollups.check(project)
    ]
    if rolled_up:
        yield problem(
            f"{len(rolled_up):,} roll-ups are not what the records give",
            "the insights pages show figures that are not so",
            "manage.py rollup_metrics --check names them, with --rebuild it builds them anew",
        )
    else:
        yield ok("roll-ups say what the records give")
