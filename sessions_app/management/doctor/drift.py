"""What is stored beside what it counts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from sessions_app.db.rls import acting_as_admin
from sessions_app.management.doctor.finding import Finding, ok, problem
from sessions_app.models import RollupFill
from sessions_app.services import recomputing, rollups
from sessions_app.services.recomputing import Chosen

# A few seconds' worth; `recompute_analytics --check` looks at all of them.
MOST_PAIRS = 50_000
# The same of roll-ups, in versions of projects: each has a ledger row or a few.
MOST_VERSIONS = 50_000


def look() -> Iterator[Finding]:
    """Counters and analytics rows, of so many projects as come to MOST_PAIRS."""
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


def look_at_roll_ups() -> Iterator[Finding]:
    """Roll-ups, of the projects in which something happened last, as many as come to MOST_VERSIONS."""
    with acting_as_admin():
        filled = list(RollupFill.objects.order_by("-filled_at").values_list("project_id", "version"))
    up_to = itertools.accumulate(version for _, version in filled)
    looked_at = [project for (project, _), total in zip(filled, up_to, strict=True) if total <= MOST_VERSIONS]
    found = [each for project in looked_at for each in rollups.check(project)]
    looked = f"{len(looked_at):,} projects"
    if len(looked_at) < len(filled):
        looked += f" (of {len(filled):,}; `manage.py rollup_metrics --check` looks at all)"
    if found:
        yield problem(
            f"{len(found):,} roll-ups of {looked} are not what the records give",
            "the insights pages show figures that are not so",
            "manage.py rollup_metrics --check names them, with --rebuild it builds them anew",
        )
    else:
        yield ok(f"roll-ups of {looked} say what the records give")
