"""B: exactly one active session, however many tabs and requests."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg.errors import UniqueViolation

from sessions_app import embedded
from tests.faults.cases import case
from tests.faults.product import Person, Product, Stage
from tests.faults.sizes import sizes
from tests.faults.tracking import call, flood, form, looks_at
from tests.faults.verdicts import Floor, Verdicts
from tests.faults.watching import watching

SAMPLE_SECONDS = 0.005


@dataclass(frozen=True)
class Tabs:
    clients: int
    each: int


@case("B01")
@sizes(Tabs(10, 8), Tabs(40, 25))
def test_many_tabs_are_one_session(product: Product, size: Tabs, verdicts: Verdicts) -> None:
    """Activations of one person in one project, sampled every 5 ms from beside the product."""
    stage = product.settle(people=1)
    (person,), path = stage.people, stage.path("session/")
    # Tabs of one browser: they share its cookies.
    assert person.post(path)[0] == 302
    statuses: Counter[int] = Counter()
    samples: list[int] = []
    done = threading.Event()

    def activate(tab: Person) -> None:
        for number in range(size.each):
            status, _ = tab.post(path) if number % 2 else tab.get(stage.path(""))
            statuses[status] += 1
        tab.close()

    def sample() -> None:
        sql = "select count(*) from user_sessions where is_active and project_id::text = %s"
        with product.oracle() as oracle:
            while not done.is_set():
                samples.append(oracle.execute(sql, [stage.projects[0]]).fetchone()[0])
                time.sleep(SAMPLE_SECONDS)

    sampler = threading.Thread(target=sample)
    sampler.start()
    tabs = [threading.Thread(target=activate, args=[person.at(person.port)]) for _ in range(size.clients)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join(300)
    done.set()
    sampler.join(10)
    verdicts.at_least("samples of the active sessions", len(samples), 20)
    verdicts.only("active sessions in any sample", Counter(samples), {1})
    # What comes while every connection is taken is told to come again; nothing breaks.
    verdicts.only("answers", statuses, {200, 302, 503})


# A second active row, as a copy of the first; and an ended session that is made active again.
SECOND = """
insert into user_sessions
  (id, user_id, project_id, is_active, session_start, last_activity, created_at, updated_at, end_version,
   snapshot_at_start, metadata)
select
  gen_random_uuid(), user_id, project_id, true, session_start, last_activity, created_at, updated_at,
  end_version, snapshot_at_start, metadata
from user_sessions where is_active and project_id = %(project)s
"""
AGAIN = """
update user_sessions set is_active = true, session_end = null
where not is_active and project_id = %(project)s
"""


@case("B04")
def test_the_database_itself_refuses_a_second_active_session(product: Product, verdicts: Verdicts) -> None:
    """As the role the product runs as, whoever acts."""
    stage = product.settle(people=1)
    (person,), (project,) = stage.people, stage.projects
    for _ in range(2):
        assert person.post(stage.path("session/end/"))[0] == 302
        assert person.post(stage.path("session/"))[0] == 302
    taken = []
    for acting, who in (("app.user_id", person.id), ("app.projects", f"{{{project}}}"), ("app.admin", "on")):
        with product.oracle(embedded.RUNTIME) as runtime:
            for sql in (SECOND, AGAIN):
                if not is_refused(runtime, acting, who, sql, project):
                    taken.append((acting, sql))
    verdicts.none("second active rows that were taken", taken)
    active = "select id from user_sessions where is_active and project_id::text = %s"
    verdicts.only("active sessions", [len(product.ask(active, project))], {1})


def is_refused(runtime: psycopg.Connection, acting: str, who: str, sql: str, project: str) -> bool:
    """Whether the database says that there is one already."""
    try:
        with runtime.transaction(force_rollback=True):
            runtime.execute("select set_config(%s, %s, true)", [acting, who])
            # Where it touches no row it proves nothing.
            return runtime.execute(sql, {"project": project}).rowcount < 0
    except UniqueViolation:
        return True


@dataclass(frozen=True)
class Switches:
    switches: int
    at_once: int


DEADLOCKS = "select deadlocks from pg_stat_database where datname = %s"
# How late a connection may tell what it counted.
STATISTICS_SECONDS = 1.5


@case("B05")
@sizes(Switches(60, 8), Switches(500, 8))
def test_going_to_and_fro_takes_no_deadlock(product: Product, size: Switches, verdicts: Verdicts) -> None:
    """One person goes from project to project, from many tabs at once, while both projects change."""
    stage = product.settle(people=2, projects=2)
    port, ((before,),) = product.web.port, product.ask(DEADLOCKS, embedded.DATABASE)
    bare = flood(port, looks_at(port), at_once=size.at_once, in_all=100)
    with watching(product) as seen:
        ledger = flood(port, switches(stage, size.switches), at_once=size.at_once, in_all=3 * size.switches)
        time.sleep(STATISTICS_SECONDS)
    # A program's 429 is no switch, and no fault.
    verdicts.only("answers", ledger.statuses(), {200, 201, 302, 409, 429, 503})
    verdicts.at_least("sessions started", ledger.statuses()[201], size.switches * 0.9)
    floor = Floor(bare.milliseconds(1) / 1000, QUIET_SLOWEST_SECONDS)
    verdicts.at_most("slowest answer", ledger.milliseconds(1) / 1000, 2, "s", floor)
    ((after,),) = product.ask(DEADLOCKS, embedded.DATABASE)
    verdicts.at_most("deadlocks", after - before, 0)
    verdicts.none("snapshots of no session or of several", snapshots_astray(product, stage))
    seen.told(verdicts)


# Of a bare answer among as many at once, on a quiet machine of two cores.
QUIET_SLOWEST_SECONDS = 0.03


def switches(stage: Stage, count: int) -> Iterator[tuple[str, bytes]]:
    """So many times: an end in one project, a start in the other, and somebody else's word there."""
    person, other = stage.people
    ways = itertools.cycle([(0, 1), (1, 0)])
    for number, (here, there) in zip(range(count), ways, strict=False):
        yield f"end {number}", form(person, stage.path("session/end/", here))
        start: dict[str, object] = {"projectId": stage.projects[there]}
        yield f"start {number}", call(person, "/api/sessions/start", start)
        yield f"say {number}", form(other, stage.path("messages/", there), text=f"Word {number}")


def snapshots_astray(product: Product, stage: Stage) -> list[tuple[object, ...]]:
    """Sessions whose snapshot is not of their own start, or older than that of the session before."""
    return product.ask(
        """
        select * from (
          select id, session_start, (snapshot_at_start->>'taken_at')::timestamptz as taken_at,
            (snapshot_at_start->>'version')::bigint as version,
            lag((snapshot_at_start->>'version')::bigint) over mine as version_before,
            count(*) over (partition by user_id, project_id, snapshot_at_start->>'taken_at') as taken_then
          from user_sessions where project_id::text = any(%s)
          window mine as (partition by user_id, project_id order by session_start)
        ) each where taken_at <> session_start or version < version_before or taken_then > 1
        """,
        stage.projects,
    )
