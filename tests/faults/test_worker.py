"""W: workers are killed or late; nothing is lost and nothing doubled."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass
from statistics import median

from tests.faults.cases import case
from tests.faults.conftest import running
from tests.faults.crowd import p99
from tests.faults.figures import METRICS_TOKEN, fetch, metric
from tests.faults.floors import bare_floor
from tests.faults.product import Person, Product
from tests.faults.sizes import sizes
from tests.faults.timing import timed
from tests.faults.verdicts import Verdicts
from tests.waiting import wait_until


@dataclass(frozen=True)
class Jobs:
    """Many small projects: a kill meets few of them, and leaves much to the next worker."""

    projects: int
    # In each of them.
    tracked: int
    reports: int
    kills: int


_JOBS = """
import uuid
from sessions_app.db.rls import acting_as_system
from sessions_app.models import AgentActivity, Membership, TrackedActivity
projects = [uuid.UUID(project) for project in {projects}]
with acting_as_system(projects):
    for project in projects:
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
@sizes(Jobs(40, 5, 5, 2), Jobs(100, 10, 10, 20))
def test_killed_workers_lose_nothing_and_double_nothing(size: Jobs, verdicts: Verdicts) -> None:
    """SIGKILL of the worker again and again; each waiting row has exactly one effect."""
    with running("--no-worker") as product:
        stage = product.settle(people=1, projects=size.projects)
        done = product.manage("shell", "-c", _JOBS.format(**vars(size) | {"projects": stage.projects}))
        assert "MADE" in done.stdout, done.stdout + done.stderr
        dice, hits = random.Random(1), 0
        for _ in range(size.kills):
            worker, claimed = product.worker(), leases(product)
            # Killed somewhere in its work, once it has begun.
            wait_until(lambda before=claimed: leases(product) - before, step=0.01)
            time.sleep(dice.uniform(0, 0.1))
            worker.kill()
            # What it had claimed it never released.
            hits += bool(leases(product) - claimed)
        verdicts.at_least("kills in the middle of work", hits, size.kills / 2)
        product.worker()
        wait_until(lambda: waiting(product) == 0, 60)
        counted = product.ask("select activities_tracked from session_analytics")
        verdicts.only("projects by activities counted", Counter(counted), [(size.tracked,)])
        verdicts.at_least("such projects", len(counted), size.projects)
        asked = product.ask(
            "select count(*), count(distinct text), sum(times_seen)::int from questions group by project_id"
        )
        verdicts.only(
            "projects by questions, different ones, times asked", Counter(asked), [(size.reports,) * 3]
        )
        verdicts.at_least("such projects", len(asked), size.projects)
        verdicts.none("reports given up", product.ask("select id from agent_activities where failure <> ''"))
        gaps = product.ask(
            "select project_id from activities group by 1 having max(version) <> count(distinct version)"
        )
        verdicts.none("projects with a gap between versions", gaps)


def leases(product: Product) -> set[str]:
    """Those by which digesters have projects, or had them when they were killed."""
    return {
        lease for (lease,) in product.ask("select lease::text from project_digests where lease is not null")
    }


def waiting(product: Product) -> int:
    """How many rows are still to be folded."""
    return product.ask(
        "select (select count(*) from tracked_activities where digested_at is null)"
        " + (select count(*) from agent_activities where digested_version is null)"
    )[0][0]


@dataclass(frozen=True)
class Backlog:
    events: int


@case("W04")
@sizes(Backlog(5_000), Backlog(50_000))
def test_a_backlog_is_drained(size: Backlog, verdicts: Verdicts) -> None:
    """Worker off, events wait, worker on: at least 200 a second, pages go on meanwhile."""
    with running("--no-worker", METRICS_TOKEN=METRICS_TOKEN) as product:
        stage = product.settle(people=1)
        (person,), page = stage.people, stage.path("")
        assert person.get(page)[0] == 200
        machine, before = bare_floor(), beside_another_process(product, person, page)
        done = product.manage("shell", "-c", _MANY.format(project=stage.projects[0], count=size.events))
        assert "MADE" in done.stdout, done.stdout + done.stderr
        told = (
            metric(product, "leftoff_intake_waiting", '{kind="tracked"}'),
            f"intake: {size.events} waiting for up to " in fetch(product, "/readyz")[1],
        )
        verdicts.only("told by metrics and readiness", [told], [(size.events, True)])
        lag = metric(product, "leftoff_intake_lag_seconds")
        verdicts.holds("a lag is told by the metrics", lag > 0, f"{lag:.2g} s")
        product.worker()
        during: list[float] = []

        def is_drained() -> bool:
            during.append(timed(person, page))
            return waiting(product) == 0

        took = wait_until(is_drained, size.events / 20)
        verdicts.at_least("drained, the worker's start included", size.events / took, 200, "/s")
        verdicts.at_most("p99 of the pages meanwhile", p99(during), 300, "ms", machine)
        verdicts.at_most("page median meanwhile, beside before", median(during) / median(before), 2, "x")
        ((counted,),) = product.ask("select activities_tracked from session_analytics")
        verdicts.only("activities counted", [counted], [size.events])
        verdicts.holds(
            "readiness tells that none waits", "intake: none waiting" in fetch(product, "/readyz")[1]
        )
        person.close()


def beside_another_process(product: Product, person: Person, path: str) -> list[float]:
    """Milliseconds for each page while a command starts that works for nobody: it takes a core by itself."""
    other, took = product.start("check"), list[float]()
    while other.popen.poll() is None:
        took.append(timed(person, path))
        time.sleep(0.1)
    return took


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
