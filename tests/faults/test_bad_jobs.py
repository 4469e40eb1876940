"""W02: jobs that kill their worker, raise or hang."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.commands import traces
from tests.commands.conftest import kill, pids_using
from tests.faults.cases import case
from tests.faults.conftest import running
from tests.faults.figures import METRICS_TOKEN, fetch, metric
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts
from tests.waiting import wait_until

# Of a job that can be tried again (tests/commands/bad_jobs.py).
MOST_TRIES = 2
# As jobs/stalled.py tells of a job that ran when its worker died.
LOST = re.compile(r"job (\d+) \(\S+\) lost its worker")


@dataclass(frozen=True)
class Jobs:
    good: int
    bad_each: int


@case("W02")
@sizes(Jobs(20, 1), Jobs(200, 5))
def test_bad_jobs_leave_the_others_alone(size: Jobs, verdicts: Verdicts) -> None:
    """Bad ones among good ones; then the database is killed under all of them."""
    with running(METRICS_TOKEN=METRICS_TOKEN, **traces.WITH_BAD_JOBS) as product:
        traces.make(product.oracle)
        jobs: list[tuple[str, dict[str, Any]]] = [
            *(("leave_trace", {"number": number}) for number in range(size.good)),
            *((name, {}) for name in ("kill_worker", "hang", "fail") for _ in range(size.bad_each)),
        ]
        random.Random(2).shuffle(jobs)
        ids = traces.enqueue(product.oracle, *jobs)
        jobs_by_id = {job: arguments.get("number") for job, (_, arguments) in zip(ids, jobs, strict=True)}
        bad, answers = 3 * size.bad_each, Counter[int]()

        def are_over() -> bool:
            answers[fetch(product, "/readyz")[0]] += 1
            standing = [status for status, _ in traces.left(product.oracle)]
            return standing == ["failed"] * bad

        wait_until(are_over, 60 + 20 * size.bad_each)
        verdicts.only("readiness meanwhile", answers, {200})
        done = traces.seen(product.oracle)
        verdicts.none("good jobs not done", set(range(size.good)) - done.keys())
        # A worker may die between a job's effect and the note that it is done; the product has jobs as well.
        may_be_twice = {jobs_by_id.get(int(found)) for found in LOST.findall(product.logs())}
        again = {number for number, times in done.items() if times > 1}
        verdicts.none("done again though their worker lived", again - may_be_twice)
        tries = [tries for _, tries in traces.left(product.oracle)]
        verdicts.at_most("tries of a bad job", max(tries), MOST_TRIES)
        # A job of the clock has one try: it may have died with its worker, too.
        ((failed,),) = product.ask("select count(*) from procrastinate_jobs where status = 'failed'")
        verdicts.at_least("failed jobs", failed, bad)
        told = (metric(product, "leftoff_jobs_failed"), f"{failed} failed" in fetch(product, "/readyz")[1])
        verdicts.only("told as failed by metrics and readiness", [told], [(failed, True)])
        kill(pids_using(product.data_dir))
        wait_until(lambda: fetch(product, "/readyz")[0] == 200)
        traces.enqueue(product.oracle, ("leave_trace", {"number": size.good}))
        wait_until(lambda: size.good in traces.seen(product.oracle))
        verdicts.holds("work goes on after the database was killed", True)
