"""W: workers are killed or late; nothing is lost and nothing doubled."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from tests.faults.cases import case
from tests.faults.conftest import running
from tests.faults.figures import METRICS_TOKEN, fetch, metric
from tests.faults.product import Person, Product, kill
from tests.faults.sizes import sizes
from tests.faults.verdicts import Floor, Verdicts


@dataclass(frozen=True)
class Jobs:
    tracked: int
    reports: int
    kills: int


_JOBS = """
import uuid
from sessions_app.db.rls import acting_as_system
from sessions_app.models import AgentActivity, Membership, TrackedActivity
project = uuid.UUID("{project}")
with acting_as_system([project]):
    user = Membership.objects.get(project_id=project).user_id
    TrackedActivity.objects.bulk_create(
        TrackedActivity(project_id=project, user_id=user, kind="k", version=1) for _ in range({tracked})
    )
    AgentActivity.objects.bulk_create(
        AgentActivity(
            project_id=project, agent_type="QuestionerAgent", action="asks",
            details={{"question": f"Question {{number}}?"}},
        )
        for number in range({reports})
    )
print("MADE")
"""


@case("W01")
@sizes(Jobs(500, 150, 1), Jobs(1_000, 1_000, 20))
def test_killed_workers_lose_nothing_and_double_nothing(size: Jobs, verdicts: Verdicts) -> None:
    """SIGKILL of the worker again and again; each waiting row has exactly one effect."""
    with running("--no-worker") as product:
        stage = product.settle(people=1)
        done = product.manage("shell", "-c", _JOBS.format(project=stage.projects[0], **vars(size)))
        assert "MADE" in done.stdout, done.stdout + done.stderr
        dice = random.Random(1)
        for _ in range(size.kills):
            worker = product.worker()
            before = waiting(product)
            until = time.monotonic() + 20
            # Killed somewhere in its work, once it has begun.
            while waiting(product) == before and before and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(dice.uniform(0, 0.3))
            kill(worker.popen.pid)
            worker.popen.wait(10)
        product.worker()
        until = time.monotonic() + 60
        while waiting(product):
            assert time.monotonic() < until, "something is stuck"
            time.sleep(0.2)
        ((counted,),) = product.ask("select activities_tracked from session_analytics")
        verdicts.only("activities counted", [counted], [size.tracked])
        (seen,) = product.ask("select count(*), count(distinct text), sum(times_seen)::int from questions")
        verdicts.only("questions, different ones, times asked", seen, [size.reports])
        verdicts.none("reports given up", product.ask("select id from agent_activities where failure <> ''"))
        versions = product.ask("select distinct version from activities order by version")
        without_a_gap = [row[0] for row in versions] == list(range(1, len(versions) + 1))
        verdicts.holds("versions without a gap or a repetition", without_a_gap, len(versions))


def waiting(product: Product) -> int:
    return product.ask(
        "select (select count(*) from tracked_activities where digested_at is null)"
        " + (select count(*) from agent_activities where digested_version is null)"
    )[0][0]


@dataclass(frozen=True)
class Backlog:
    events: int


# Milliseconds of a bare answer on a quiet machine of two cores, the slowest of a hundred.
QUIET_P99 = 8.0


@case("W04")
@sizes(Backlog(5_000), Backlog(50_000))
def test_a_backlog_is_drained(size: Backlog, verdicts: Verdicts) -> None:
    """Worker off, events wait, worker on: at least 200 a second, pages go on meanwhile."""
    with running("--no-worker", METRICS_TOKEN=METRICS_TOKEN) as product:
        stage = product.settle(people=1)
        (person,), page = stage.people, stage.path("")
        assert person.get(page)[0] == 200
        before = [timed(person, page) for _ in range(20)]
        done = product.manage("shell", "-c", _MANY.format(project=stage.projects[0], count=size.events))
        assert "MADE" in done.stdout, done.stdout + done.stderr
        told = (
            metric(product, "leftoff_intake_waiting", '{kind="tracked"}'),
            f"intake: {size.events} waiting for up to " in fetch(product, "/readyz")[1],
        )
        verdicts.only("told by metrics and readiness", [told], [(size.events, True)])
        verdicts.at_least("lag, by the metrics", metric(product, "leftoff_intake_lag_seconds"), 1, "s")
        started = time.monotonic()
        product.worker()
        during, bare = [], []

        def waiting() -> int:
            return product.ask("select count(*) from tracked_activities where digested_at is null")[0][0]

        while waiting():
            during.append(timed(person, page))
            bare.append(timed(person, "/livez"))
            assert time.monotonic() - started < size.events / 200 + 10
            time.sleep(0.1)
        took = time.monotonic() - started
        verdicts.at_least("drained, the worker's start included", size.events / took, 200, "/s")
        verdicts.at_most(
            "page median meanwhile, beside before", median(during or [0]) / median(before), 2, "x"
        )
        verdicts.at_most(
            "slowest page meanwhile",
            max(during, default=0),
            300,
            "ms",
            Floor(max(bare, default=1), QUIET_P99),
        )
        ((counted,),) = product.ask("select activities_tracked from session_analytics")
        verdicts.only("activities counted", [counted], [size.events])
        verdicts.holds(
            "readiness tells that none waits", "intake: none waiting" in fetch(product, "/readyz")[1]
        )
        person.close()


_MANY = """
from sessions_app.db.rls import acting_as_system
from sessions_app.models import Membership, TrackedActivity
with acting_as_system(["{project}"]):
    user = Membership.objects.get(project_id="{project}").user_id
    TrackedActivity.objects.bulk_create(
        [TrackedActivity(project_id="{project}", user_id=user, kind="k", version=1) for _ in range({count})],
        batch_size=5000,
    )
print("MADE")
"""


def timed(person: Person, path: str) -> float:
    """Milliseconds for one page."""
    started = time.perf_counter()
    assert person.get(path)[0] == 200
    return (time.perf_counter() - started) * 1000


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
