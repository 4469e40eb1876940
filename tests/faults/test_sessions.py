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
from tests.faults.asking import Client
from tests.faults.cases import case
from tests.faults.floors import bare_floor
from tests.faults.product import Product, Stage
from tests.faults.sizes import sizes
from tests.faults.tracking import call, flood, form
from tests.faults.verdicts import Verdicts
from tests.faults.watching import deadlocks, watching

SAMPLE_SECONDS = 0.005


@dataclass(frozen=True)
class Tabs:
    clients: int
    each: int


@case("B01")
@sizes(Tabs(10, 8), Tabs(40, 25))
def test_many_tabs_are_one_session(roomy: Product, size: Tabs, verdicts: Verdicts) -> None:
    """One person's first activations in one project, all at once, sampled every 5 ms from beside the product.

    By pages and forms, which take an active session up, and by programs, which end it for another one.
    """
    stage = roomy.settle(people=1)
    (person,), (project,) = stage.people, stage.projects
    # Tabs of one browser share its cookies. The token of its forms is from a page that is no project's.
    assert person.get("/profile/")[0] == 200
    active = "select count(*) from user_sessions where is_active and project_id::text = %s"
    assert roomy.ask(active, project) == [(0,)]
    statuses: Counter[int] = Counter()
    samples: list[int] = []
    ready, done = threading.Barrier(size.clients), threading.Event()

    def activate(client: int) -> None:
        tab, program = person.at(person.port), Client(person.port, bearer=person.bearer)
        ways = [
            lambda: program.ask("POST", "/api/sessions/start", body={"projectId": project}).status,
            lambda: tab.get(stage.path(""))[0],
            lambda: tab.post(stage.path("session/"))[0],
        ]
        ready.wait(60)
        for number in range(size.each):
            statuses[ways[(client + number) % len(ways)]()] += 1
        tab.close()
        program.close()

    def sample() -> None:
        with roomy.oracle() as oracle:
            while not done.is_set():
                samples.append(oracle.execute(active, [project]).fetchone()[0])
                time.sleep(SAMPLE_SECONDS)

    sampler = threading.Thread(target=sample)
    sampler.start()
    clients = [threading.Thread(target=activate, args=[client]) for client in range(size.clients)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(300)
    done.set()
    sampler.join(10)
    since_the_first = list(itertools.dropwhile(lambda count: count == 0, samples))
    verdicts.at_least("samples since the first start", len(since_the_first), 20)
    verdicts.only("active sessions in any of them", Counter(since_the_first), {1})
    # What comes while every connection is taken is told to come again; nothing breaks.
    verdicts.only("answers", statuses, {200, 201, 302, 503})
    verdicts.at_least("of them done", (statuses.total() - statuses[503]) / statuses.total(), 0.9)


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


@case("B05")
@sizes(Switches(60, 8), Switches(500, 8))
def test_going_to_and_fro_takes_no_deadlock(product: Product, size: Switches, verdicts: Verdicts) -> None:
    """One person goes from project to project, from many tabs at once, while both projects change."""
    stage = product.settle(people=2, projects=2)
    port, before, machine = product.web.port, deadlocks(product), bare_floor()
    with watching(product) as seen:
        ledger = flood(port, switches(stage, size.switches), at_once=size.at_once, in_all=3 * size.switches)
    # A program's 429 is no switch, and no fault.
    verdicts.only("answers", ledger.statuses(), {200, 201, 302, 409, 429, 503})
    verdicts.at_least("sessions started", ledger.statuses()[201], size.switches * 0.9)
    verdicts.at_most("slowest answer", ledger.milliseconds(1) / 1000, 2, "s", machine)
    verdicts.at_most("deadlocks", deadlocks(product) - before, 0)
    verdicts.none("snapshots of no session or of several", snapshots_astray(product, stage))
    seen.told(verdicts)


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
        ) each
        where taken_at is distinct from session_start or version is null or version < version_before
          or taken_then > 1
        """,
        stage.projects,
    )
