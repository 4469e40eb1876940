"""M02: what may lag is read from a replica, and nobody is shown less than they were shown or wrote."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from sessions_app import embedded
from sessions_app.db.replica import MOST_LAG_SECONDS, REST_SECONDS
from tests.faults.asking import Client
from tests.faults.cases import case
from tests.faults.conftest import address, behind_proxy, installing, socket_of
from tests.faults.figures import METRICS_TOKEN, fetch
from tests.faults.product import Person, Product
from tests.faults.proxy import Proxy, running_in_thread
from tests.faults.replica_server import Replica, own_replica
from tests.faults.verdicts import Verdicts
from tests.prepared import install
from tests.waiting import wait_until

# A page each that may lag: figures, logs, files, history, search.
PAGES = (
    *("insights/", "insights/days.csv", "decisions/", "decisions/?history=1", "decisions.csv"),
    *("decisions.zip", "search/?q=hello", "sessions/", "agents/"),
)
# And a program's.
CALLS = (
    *("insights", "decisions", "decisions/stability", "decisions.csv", "decisions.zip"),
    *("search?q=hello", "agent-activity"),
)


@dataclass(frozen=True)
class Replicated:
    """A product with a replica, and the line between the two."""

    product: Product
    replica: Replica
    line: Proxy

    def reads(self) -> Counter[str]:
        """What the reads that may lag came to so far, and how many to each."""
        figures = fetch(self.product, "/metrics")[1]
        found = re.findall(r'^leftoff_replica_reads_total\{outcome="(\w+)"\} (\S+)$', figures, re.M)
        return Counter({outcome: int(float(times)) for outcome, times in found})

    def came_to(self, act: Callable[[], object]) -> set[str]:
        """What the reads come to that `act` makes."""
        before = self.reads()
        act()
        return set(self.reads() - before)

    def answers(self, person: Person, path: str) -> bool:
        """Whether it is the replica who tells this page now."""
        return self.came_to(lambda: person.get(path)) == {"answered"}

    def said(self) -> list[str]:
        """What readiness tells of the replica."""
        status, told = fetch(self.product, "/readyz")
        assert status == 200, told
        return [line for line in told.splitlines() if line.startswith("replica: ")]


@pytest.fixture(scope="module")
def replicated() -> Iterator[Replicated]:
    with installing(SECRET_KEY="k" * 50, METRICS_TOKEN=METRICS_TOKEN) as product:
        install(product.data_dir)
        with (
            behind_proxy(product),
            own_replica(embedded.ensure_running(product.data_dir / "postgres")) as replica,
            running_in_thread(Proxy(socket_of(replica.server))) as line,
        ):
            product.more["DATABASE_REPLICA_URL"] = address(replica.server, embedded.RUNTIME, line)
            product.serve("--no-worker")
            yield Replicated(product, replica, line)
            # It goes on for as long as somebody uses it.
            product.end()


@case("M02")
def test_what_may_lag_is_read_there(replicated: Replicated, verdicts: Verdicts) -> None:
    """By a member and their program; who is a member is the primary's to say, whatever the replica shows."""
    stage = replicated.product.settle(people=2)
    owner, person = stage.people
    program = Client(person.port, bearer=person.bearer)
    assert person.get(stage.path(""))[0] == 200
    ((visit,),) = replicated.product.ask(
        "select id::text from user_sessions where user_id::text = %s", person.id
    )
    pages = [stage.path(page) for page in PAGES] + ["/insights/"]
    calls = [f"/api/projects/{stage.projects[0]}/{call}" for call in (*CALLS, f"sessions/{visit}/state")]
    wait_until(lambda: replicated.answers(person, pages[0]))
    statuses = Counter[int]()
    elsewhere = [
        path
        for path in pages
        if replicated.came_to(lambda path=path: statuses.update([person.get(path)[0]])) != {"answered"}
    ] + [
        path
        for path in calls
        if replicated.came_to(lambda path=path: statuses.update([program.ask("GET", path).status]))
        != {"answered"}
    ]
    verdicts.only("answers", statuses, {200})
    verdicts.none(f"of {len(pages) + len(calls)}, those the replica did not answer", elsewhere)
    replicated.replica.ask("select pg_wal_replay_pause()")
    owner.post(stage.path(f"members/{person.id}/remove/"))
    turned_away = Counter([person.get(pages[0])[0], program.ask("GET", calls[0]).status])
    replicated.replica.ask("select pg_wal_replay_resume()")
    verdicts.only("answers to who was removed, which the replica did not hear of", turned_away, {404})
    program.close()


@case("M02")
def test_one_that_is_behind_shows_nobody_less(replicated: Replicated, verdicts: Verdicts) -> None:
    """It pauses: what is written meanwhile everybody finds at once, and other projects it goes on telling."""
    stage = replicated.product.settle(people=2, projects=2)
    writer, reader = stage.people
    here, elsewhere = stage.path("search/?q=pausing"), stage.path("search/?q=pausing", 1)
    wait_until(lambda: replicated.answers(reader, here) and replicated.answers(reader, elsewhere))
    replicated.replica.ask("select pg_wal_replay_pause()")
    paused = time.monotonic()
    try:
        assert writer.post(stage.path("messages/"), {"text": "Said while it was pausing"})[0] == 302
        seen = [person.get(here)[1] for person in stage.people]
        verdicts.none("pages without what was said", [page for page in seen if "Said while" not in page])
        outcomes = replicated.came_to(lambda: reader.get(here))
        verdicts.only("who answers for the project with news", outcomes, {"behind"})
        if time.monotonic() - paused < MOST_LAG_SECONDS / 2:
            outcomes = replicated.came_to(lambda: reader.get(elsewhere))
            verdicts.only("who answers for the other one meanwhile", outcomes, {"answered"})
        wait_until(lambda: replicated.said() != ["replica: answers"], 2 * MOST_LAG_SECONDS)
        verdicts.holds("readiness tells how far it is behind", "behind" in replicated.said()[0])
        outcomes = replicated.came_to(lambda: reader.get(elsewhere))
        verdicts.only("who answers then for the other one", outcomes, {"behind"})
    finally:
        replicated.replica.ask("select pg_wal_replay_resume()")
    took = wait_until(lambda: replicated.answers(reader, here) and replicated.answers(reader, elsewhere), 20)
    verdicts.at_most("it answers again after", took, 10, "s")
    verdicts.holds("with what was said", "Said while" in reader.get(here)[1])


@case("M02")
@pytest.mark.parametrize("trouble", ["killed", "silent"])
def test_one_that_is_away_is_not_missed(replicated: Replicated, verdicts: Verdicts, trouble: str) -> None:
    """Whoever meets it first waits a moment, nobody else does."""
    stage = replicated.product.settle(people=1)
    (person,), page = stage.people, stage.path("decisions/")
    wait_until(lambda: replicated.answers(person, page))
    if trouble == "killed":
        replicated.replica.kill()
    else:
        replicated.line.hush()
    answers = []
    until = time.monotonic() + REST_SECONDS / 2
    while time.monotonic() < until:
        started = time.monotonic()
        status, _ = person.get(page)
        answers.append((status, time.monotonic() - started))
    verdicts.only(f"answers while it is {trouble}", Counter(status for status, _ in answers), {200})
    slowest, *rest = sorted((took for _, took in answers), reverse=True)
    verdicts.at_most("the slowest took", slowest, 3, "s")
    verdicts.at_most("any other took", rest[0], 1, "s")
    verdicts.only("readiness tells", replicated.said(), ["replica: does not answer; the primary does"])
    if trouble == "killed":
        replicated.replica.start()
    else:
        replicated.line.mend()
    took = wait_until(lambda: replicated.answers(person, page), 40)
    verdicts.at_most("it answers again after", took, REST_SECONDS + 10, "s")
