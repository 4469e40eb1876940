"""What people and programs do at several web processes while machines come and go, and what came of it."""

from __future__ import annotations

import http.client
import itertools
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from tests.faults.figures import metric
from tests.faults.load import Load, load
from tests.faults.machines import Machines
from tests.faults.product import Person, Stage
from tests.faults.tracking import Ledger, by_page, by_program, call, counted, flood, stored_events, stream
from tests.faults.verdicts import Verdicts
from tests.waiting import wait_until

# 0 and -1: of a process that was killed, no answer or half of one.
ANSWERS = {202, 503, 0, -1}
PAGES = {200, 302, 503, 0}
MAY_LAG = ("insights/", "decisions/", "search/?q=hello", "sessions/", "agents/")
LONG_ENOUGH_SECONDS = 3_600
PAUSE_SECONDS = 0.1
# Of each person: events, reports, and pages that may lag; and who looks on.
THREADS = 2 * 3 + 1

_ACTIVE = """
select count(*)::int, count(distinct (user_id, project_id))::int from user_sessions
where is_active and project_id::text = any(%s) and user_id::text = any(%s)
"""
_TWICE = """
select event_id::text from tracked_activities where project_id::text = any(%s)
group by event_id having count(*) > 1
"""
_ASKED = "select text, times_seen from questions where project_id::text = any(%s)"
_GAPS = """
select project_id from activities where project_id::text = any(%s)
group by 1 having max(version) <> count(distinct version)
"""


@dataclass(frozen=True)
class Size:
    # At each web process.
    tabs: int
    a_second: float
    # How long each machine is away.
    seconds: float


@dataclass
class Use:
    """See the module; the second person of the stage is at the first process, the third at the second."""

    machines: Machines
    stage: Stage
    size: Size
    sent: dict[str, bytes] = field(default_factory=dict)
    reported: dict[str, bytes] = field(default_factory=dict)
    ledgers: list[Ledger] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    read: Counter[int] = field(default_factory=Counter)
    # In each sample: how many sessions were active, and of how many people.
    active: list[tuple[int, int]] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)
    ends: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """While the block runs, or until `end`."""
        people = [
            person.at(port) for person, port in zip(self.stage.people[1:3], self.machines.ports, strict=True)
        ]
        with self.ends, ThreadPoolExecutor(THREADS) as clients:
            for person in people:
                self.loads.append(
                    self.ends.enter_context(load(replace(self.stage, people=[person]), pause=0.2))
                )
            sending = [
                clients.submit(stream, person.port, events, a_second=often, seconds=LONG_ENOUGH_SECONDS)
                for person in people
                for events, often in (
                    (self._events(person), self.size.a_second),
                    (self._reports(person), self.size.a_second / 4),
                )
            ]
            others = [clients.submit(self._read, person) for person in people]
            others.append(clients.submit(self._sample))
            try:
                yield
            finally:
                self.end()
                self.ledgers += [each.result() for each in sending]
                for other in others:
                    other.result()

    def end(self) -> None:
        """Let nobody begin anything more; returns once all who load pages and post are done."""
        self.is_over.set()
        self.ends.close()

    def judge(self, verdicts: Verdicts) -> None:
        """What was promised to them, once it is over."""
        product = self.machines.product
        statuses = sum((ledger.statuses() for ledger in self.ledgers), Counter[int]())
        verdicts.only("answers to events and reports", statuses, ANSWERS)
        accepted = set().union(*(ledger.accepted() for ledger in self.ledgers))
        verdicts.none("202s without a row", accepted & self.sent.keys() - stored_events(product, self.stage))
        again = [(event, self._request(event)) for event in {*self.sent, *self.reported} - accepted]
        told = flood(self.machines.ports[1], again, at_once=4, in_all=len(again))
        verdicts.none("sent again and not taken in", {event for event, _ in again} - told.accepted())
        wait_until(lambda: counted(product, self.stage) >= len(self.sent), 30)
        found = counted(product, self.stage)
        verdicts.only("events counted in the analytics", [found], [len(self.sent)])
        verdicts.none("events there twice", product.ask(_TWICE, self.stage.projects))
        wait_until(lambda: len(product.ask(_ASKED, self.stage.projects)) >= len(self.reported), 30)
        asked = Counter(product.ask(_ASKED, self.stage.projects))
        once = Counter((question(event), 1) for event in self.reported)
        verdicts.none("reports whose question is not there once", (asked - once) + (once - asked))
        answered = metric(product, "leftoff_replica_reads_total", '{outcome="answered"}')
        verdicts.at_least("reads the replica answered at one web process", answered, 1)
        pages = sum((each.statuses() for each in self.loads), self.read)
        verdicts.only("answers to pages and messages", pages, PAGES)
        for each in self.loads:
            verdicts.none("messages lost", each.lost(product))
            verdicts.none("messages half done or doubled", each.half_done(product))
        verdicts.none("projects with a gap between versions", product.ask(_GAPS, self.stage.projects))
        verdicts.at_least("samples of active sessions", len(self.active), 20)
        verdicts.none("samples with two of one person", [each for each in self.active if each[0] != each[1]])
        fewer = [pair for pair in itertools.pairwise(self.active) if pair[1][1] < pair[0][1]]
        verdicts.none("samples in which somebody's had gone", fewer)

    def _request(self, event: str) -> bytes:
        return self.sent.get(event) or self.reported[event]

    def _events(self, person: Person) -> Iterator[tuple[str, bytes]]:
        for door in itertools.cycle((by_program, by_page)):
            if self.is_over.is_set():
                return
            event = str(uuid.uuid4())
            self.sent[event] = door(person, self.stage.projects[0], event)
            yield event, self.sent[event]

    def _reports(self, person: Person) -> Iterator[tuple[str, bytes]]:
        while not self.is_over.is_set():
            event = str(uuid.uuid4())
            body: dict[str, object] = {
                "agentType": "QuestionerAgent",
                "action": "asks",
                "details": {"question": question(event)},
                "eventId": event,
            }
            path = f"/api/projects/{self.stage.projects[0]}/agent-activity"
            self.reported[event] = call(person, path, body)
            yield event, self.reported[event]

    def _read(self, person: Person) -> None:
        browser = person.at(person.port)
        for door in itertools.cycle(MAY_LAG):
            if self.is_over.wait(PAUSE_SECONDS):
                break
            try:
                self.read[browser.get(self.stage.path(door))[0]] += 1
            except (OSError, http.client.HTTPException):
                self.read[0] += 1
        browser.close()

    def _sample(self) -> None:
        people = [person.id for person in self.stage.people[1:3]]
        with self.machines.product.oracle() as oracle:
            while not self.is_over.wait(PAUSE_SECONDS / 2):
                row = oracle.execute(_ACTIVE, [self.stage.projects, people]).fetchone()
                assert row
                self.active.append((row[0], row[1]))


def question(event: str) -> str:
    return f"What of {event}?"
