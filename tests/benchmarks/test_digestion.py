"""How quickly input that waits is folded into sessions and analytics, and how far behind analytics are.

The floor is one statement by the owner, whom no policy asks anything: it marks the same rows as digested and
counts them in the analytics, and knows nothing of sessions, leases or who was taken out meanwhile.
"""

from __future__ import annotations

import itertools
import statistics
import threading
import time
import uuid

import psycopg
import pytest

from sessions_app.db.rls import acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.digest.loop import run_digester
from sessions_app.digest.wakeups import wakeups
from sessions_app.services import taking_in
from tests.benchmarks.crowd import memberships, people_and_projects, present
from tests.benchmarks.goals import Goals
from tests.db.tools import connect, owner_rows
from tests.digest.test_together import RECOMPUTED, STORED

TOPIC = "digestion"
PEOPLE, MEMBERS, ROWS, ROUNDS = 2_000, 20, 40_000, 2
# The lag is measured as long as the goal says, with so many events a statement.
SECONDS, PROJECTS, RATE, BATCH = 60, 200, 1_000, 20

_WAITING = """
insert into tracked_activities (project_id, user_id, kind, metadata, version, received_at, digested_at)
select m.project_id, m.user_id, 'item.opened', '{"itemId": "7f3c"}', 0, now(), null
from generate_series(1, %s) as i
join (select project_id, user_id, row_number() over () - 1 as place from memberships) as m
  on m.place = i %% (select count(*) from memberships)
order by i
"""
_FLOOR = """
with done as (
  update tracked_activities set digested_at = now() where digested_at is null
  returning project_id, user_id, received_at
)
update session_analytics a
set activities_tracked = a.activities_tracked + d.n, last_activity = greatest(a.last_activity, d.last_at)
from (
  select project_id, user_id, count(*) as n, max(received_at) as last_at
  from done group by project_id, user_id
) as d
where a.project_id = d.project_id and a.user_id = d.user_id
"""
_LAGS = "select extract(epoch from digested_at - received_at) from tracked_activities order by 1"


@pytest.mark.benchmark
@pytest.mark.timeout(900)
@pytest.mark.parametrize("projects", [1, 200, 2_000])
def test_what_waits_is_folded(database: None, goals: Goals, projects: int) -> None:
    """Each round as much comes and is folded, in this process; at the end as counting again finds."""
    with connect("owner") as owner:
        people_and_projects(owner, projects=projects, people=PEOPLE, members=MEMBERS)
        present(owner)
        floors, ours = [], []
        for _ in range(ROUNDS):
            owner.execute(_WAITING, [ROWS])
            owner.execute("vacuum analyze")
            floors.append(ROWS / _floor(owner))
            owner.execute("vacuum tracked_activities, session_analytics")
            started = time.perf_counter()
            assert digest_waiting() == ROWS
            ours.append(ROWS / (time.perf_counter() - started))
    assert owner_rows(STORED) == owner_rows(RECOMPUTED)
    rate, floor = statistics.median(ours), statistics.median(floors)
    where = f"{projects:,} project{'s' if projects > 1 else ''}"
    goals.at_least(TOPIC, f"folded, {where}", rate, 60_000, "a second")
    goals.figure(TOPIC, f"one statement that marks and counts, {where}", floor, "a second")
    goals.figure(TOPIC, f"folded, to that statement, {where}", rate / floor, "x")


@pytest.mark.benchmark
@pytest.mark.timeout(300)
def test_analytics_keep_up(database: None, goals: Goals) -> None:
    """The digester's own loop beside a steady stream; what would be a hint wakes it."""
    with connect("owner") as owner:
        people_and_projects(owner, projects=PROJECTS, people=PEOPLE, members=MEMBERS)
        present(owner)
        owner.execute("vacuum analyze")
        pairs = memberships(owner)
    stop = threading.Event()
    digester = threading.Thread(target=run_digester, args=[stop])
    digester.start()
    try:
        started = time.monotonic()
        # Everybody in turn, a step apart that has no divisor in common with how many there are.
        places = itertools.accumulate(itertools.repeat(37), lambda place, step: (place + step) % len(pairs))
        for number in range(SECONDS * RATE // BATCH):
            time.sleep(max(0.0, started + number * BATCH / RATE - time.monotonic()))
            _take_in([pairs[next(places)] for _ in range(BATCH)])
        took = time.monotonic() - started
        while owner_rows("select from tracked_activities where digested_at is null limit 1"):
            time.sleep(0.1)
    finally:
        stop.set()
        wakeups.add(None)
        digester.join()
    lags = [float(lag) for (lag,) in owner_rows(_LAGS)]
    assert len(lags) == SECONDS * RATE
    where = f"{PROJECTS} projects, {SECONDS} s"
    goals.figure(TOPIC, f"taken in meanwhile, {where}", len(lags) / took, "a second")
    goals.at_most(TOPIC, f"analytics lag, {where}, p95", lags[int(len(lags) * 0.95)], 1, "s")
    goals.figure(TOPIC, f"analytics lag, {where}, longest", lags[-1], "s")


def _floor(owner: psycopg.Connection) -> float:
    """Seconds; what it did is taken back."""
    owner.execute("begin")
    started = time.perf_counter()
    owner.execute(_FLOOR)
    took = time.perf_counter() - started
    owner.execute("rollback")
    return took


def _take_in(pairs: list[tuple[uuid.UUID, uuid.UUID]]) -> None:
    events = [taking_in.event(user, project, event_id=uuid.uuid4()) for project, user in pairs]
    with acting_as_system({project for project, _ in pairs}):
        taking_in.take_in(events)
    for project, _ in pairs:
        wakeups.add(project)
