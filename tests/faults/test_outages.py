"""D and W: the database restarts under load; workers are killed; nothing is lost and nothing doubled."""

from __future__ import annotations

import http.client
import os
import random
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass

from tests.faults.conftest import running
from tests.faults.product import Person, Product, kill
from tests.faults.sizes import sizes


@sizes(8.0, 55.0)
def test_the_database_restarts_under_load(size: float) -> None:
    """D01: an immediate stop. 503 with Retry-After for at most 15 s, never a 500, then no error."""
    with running() as product:
        stage = product.settle(people=4)
        answers: list[tuple[float, int]] = []
        until = time.monotonic() + size
        restarted_at = 0.0

        def use(person: Person) -> None:
            while time.monotonic() < until:
                for path, form in ((stage.path(""), None), (stage.path("messages/"), {"text": "Hello"})):
                    try:
                        status = (person.get(path) if form is None else person.post(path, form))[0]
                    except (OSError, http.client.HTTPException):
                        status = 0
                    except AssertionError:
                        status = 503
                    answers.append((time.monotonic(), status))
                    time.sleep(0.05)

        threads = [threading.Thread(target=use, args=[person]) for person in stage.people]
        for thread in threads:
            thread.start()
        time.sleep(size / 4)
        restarted_at = time.monotonic()
        os.kill(product.postmaster(), signal.SIGQUIT)
        for thread in threads:
            thread.join(120)
        statuses = Counter(status for _, status in answers)
        assert set(statuses) <= {200, 302, 503}, statuses
        refused = [moment for moment, status in answers if status == 503]
        assert refused, "the restart was not noticed"
        assert max(refused) - restarted_at <= 15
        print(f"\nD01: answers {dict(statuses)}; the last 503 {max(refused) - restarted_at:.1f} s after")


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


@sizes(Jobs(500, 150, 1), Jobs(1_000, 1_000, 20))
def test_killed_workers_lose_nothing_and_double_nothing(size: Jobs) -> None:
    """W01: SIGKILL of the worker again and again; each waiting row has exactly one effect."""
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
        assert product.ask("select activities_tracked from session_analytics") == [(size.tracked,)]
        seen = product.ask("select count(*), count(distinct text), sum(times_seen) from questions")
        assert seen == [(size.reports, size.reports, size.reports)]
        assert product.ask("select count(*) from agent_activities where failure <> ''") == [(0,)]
        versions = product.ask("select distinct version from activities order by version")
        assert [row[0] for row in versions] == list(range(1, len(versions) + 1)), "no gap, no repetition"
        print(f"\nW01: {size.tracked + size.reports} jobs, {size.kills} kills, each one effect")


def waiting(product: Product) -> int:
    return product.ask(
        "select (select count(*) from tracked_activities where digested_at is null)"
        " + (select count(*) from agent_activities where digested_version is null)"
    )[0][0]
