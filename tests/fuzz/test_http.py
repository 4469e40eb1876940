"""The running product under anything people do and anything that breaks: what it said it did is there."""

from __future__ import annotations

import http.client
import itertools
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sessions_app.embedded.roles import SUPERUSER
from tests.faults.conftest import running
from tests.faults.person import Person
from tests.faults.process import Process
from tests.faults.product import Product, Stage
from tests.fuzz.budget import budget, in_time, times
from tests.waiting import wait_until

pytestmark = in_time()

EXAMPLES = 6
# A killed server needs seconds to come back, so an example has few.
MOST_KILLS = 1
# No connection, or one that ended before its answer: nobody was told anything.
UNANSWERED = 0
# The share of an example's requests of which that may be so: nothing is killed while one is under way.
MOST_UNANSWERED = 0.1
TAKEN = {200, 202, 302}
# Taken or refused in words; a database that is away is 503. A 500 is never among them.
EXPECTED = TAKEN | {UNANSWERED, 404, 409, 422, 503}

who, which = st.integers(0, 2), st.integers(0, 9)


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Product, Stage]]:
    """A product with a worker of its own, three people, and a project for each example."""
    with running("--no-worker") as product:
        product.worker()
        stage = product.settle(people=3, projects=times(EXAMPLES))
        for person in stage.people:
            # Before anything breaks: without it each form would ask for the token's page first.
            assert person.get("/profile/")[0] == 200
        yield product, stage


class Lived(RuleBasedStateMachine):
    """One project that three people use while processes are killed and lines are cut."""

    def __init__(self, product: Product, stage: Stage, project: str) -> None:
        super().__init__()
        self.product, self.people, self.project = product, stage.people, project
        self.items: list[str] = []
        self.messages: set[str] = set()
        self.events: set[tuple[str, str]] = set()
        self.kills = 0
        self.answers: Counter[int] = Counter()

    @initialize()
    def begins(self) -> None:
        for person in self.people:
            self.ask(person, "")

    @rule(who=who)
    def looks(self, who: int) -> None:
        self.ask(self.people[who], "")

    @rule(who=who, panel=st.sampled_from(["stats", "items", "chat", "changes", "steps", "blockers"]))
    def looks_at_a_panel(self, who: int, panel: str) -> None:
        self.ask(self.people[who], f"panels/{panel}/")

    @rule(who=who)
    def adds_an_item(self, who: int) -> None:
        title = f"Item {uuid.uuid4()}"
        if self.ask(self.people[who], "items/", {"title": title}) in TAKEN:
            self.items.append(title)

    @rule(who=who, which=which, verb=st.sampled_from(["decide", "park", "explore", "delete", "keep"]))
    @precondition(lambda self: self.items)
    def moves_an_item(self, who: int, which: int, verb: str) -> None:
        title = self.items[which % len(self.items)]
        found = self.product.ask(
            "select id::text from items where project_id::text = %s and title = %s", self.project, title
        )
        for (item,) in found:
            if verb == "delete":
                # Whatever the answer: it may be gone from here on.
                self.items.remove(title)
            self.ask(self.people[who], f"items/{item}/{verb}/", {"reason": "So"})

    @rule(who=who)
    def says(self, who: int) -> None:
        text = f"Saying {uuid.uuid4()}"
        if self.ask(self.people[who], "messages/", {"text": text}) in TAKEN:
            self.messages.add(text)

    @rule(who=who, times=st.integers(1, 3))
    def is_active(self, who: int, times: int) -> None:
        """The same event, sent more than once."""
        person, event = self.people[who], str(uuid.uuid4())
        for _ in range(times):
            if self.ask(person, "activity/", {"event_id": event}) == 202:
                self.events.add((person.id, event))

    @rule(who=who, verb=st.sampled_from(["session/", "session/end/", "caught-up/"]))
    def comes_or_goes(self, who: int, verb: str) -> None:
        self.ask(self.people[who], verb, {"version": "0"})

    @rule(who=who)
    def lines_to_the_database_are_cut(self, who: int) -> None:
        """Each connection that is not the oracle's ends, whatever it was doing; somebody speaks then."""
        # Those that were cut just before may not be back yet.
        wait_until(self._cut)
        self.says(who)

    @rule()
    @precondition(lambda self: self.kills < MOST_KILLS)
    def the_worker_is_killed(self) -> None:
        self.kills += 1
        self._kill(self._of("worker"))
        self.product.worker()

    @rule()
    @precondition(lambda self: self.kills < MOST_KILLS)
    def the_server_is_killed(self) -> None:
        self.kills += 1
        server = self._of("serve")
        self._kill(server)
        self.product.serve("--no-worker", port=server.port)
        # Who serves is the first of the list.
        self.product.processes.insert(0, self.product.processes.pop())
        for person in self.people:
            person.close()

    @invariant()
    def one_active_session_at_most(self) -> None:
        found = self.product.ask(
            "select count(*) from user_sessions where is_active and project_id::text = %s group by user_id",
            self.project,
        )
        assert {number for (number,) in found} <= {1}

    @invariant()
    def counters_are_what_there_is(self) -> None:
        (row,) = self.product.ask(_COUNTED, self.project)
        assert row[:5] == row[5:], row

    @invariant()
    def versions_have_no_gap(self) -> None:
        found = self.product.ask(
            "select distinct version from activities where project_id::text = %s order by 1", self.project
        )
        assert [version for (version,) in found] == list(range(1, len(found) + 1))

    def teardown(self) -> None:
        """All that was answered as done is there; what waits is digested once all is well again."""
        taken = sum(self.answers[status] for status in TAKEN)
        assert taken, self.answers
        assert self.answers[UNANSWERED] <= self.answers.total() * MOST_UNANSWERED, self.answers
        stored = {
            table: {text for (text,) in self.product.ask(f"select {column} from {table}")}
            for table, column in (("items", "title"), ("messages", "text"))
        }
        assert set(self.items) <= stored["items"]
        assert self.messages <= stored["messages"]
        mine = "from tracked_activities where project_id::text = %s"
        rows = self.product.ask(f"select user_id::text, event_id::text {mine}", self.project)
        assert len(rows) == len(set(rows))
        assert self.events <= set(rows)
        undigested = f"select {mine} and digested_at is null"
        wait_until(lambda: not self.product.ask(undigested, self.project), 60)

    def ask(self, person: Person, door: str, form: dict[str, str] | None = None) -> int:
        """GET, or POST a form; returns the status, which is never a 500."""
        path, status = f"/projects/{self.project}/{door}", UNANSWERED
        with suppress(OSError, http.client.HTTPException):
            status = (person.get(path) if form is None else person.post(path, form))[0]
        self.answers[status] += 1
        assert status in EXPECTED, (path, form, status)
        return status

    def _cut(self) -> int:
        """End them; returns how many there were."""
        # Nobody else is shown what other roles' connections are.
        with self.product.oracle(SUPERUSER) as oracle:
            return len(oracle.execute(_CUT).fetchall())

    def _of(self, command: str) -> Process:
        return next(
            process
            for process in self.product.processes
            if process.log.name.startswith(command) and process.popen.poll() is None
        )

    def _kill(self, process: Process) -> None:
        process.kill()
        self.product.processes.remove(process)


_CUT = """
select pg_terminate_backend(pid) from pg_stat_activity
where backend_type = 'client backend' and usename <> current_user and datname = current_database()
"""
_COUNTED = """
select c.exploring, c.decided, c.parked, c.questions_open, c.blockers_open,
    (select count(*) from items i where i.project_id = c.project_id and state = 'exploring'),
    (select count(*) from items i where i.project_id = c.project_id and state = 'decided'),
    (select count(*) from items i where i.project_id = c.project_id and state = 'parked'),
    (select count(*) from questions q where q.project_id = c.project_id and status = 'open'),
    (select count(*) from blockers b where b.project_id = c.project_id and status = 'open')
from project_counters c where c.project_id::text = %s
"""


def test_whatever_breaks_what_was_answered_is_there(stage: tuple[Product, Stage]) -> None:
    product, made = stage
    projects = itertools.cycle(made.projects)
    run_state_machine_as_test(
        lambda: Lived(product, made, next(projects)),
        # What breaks breaks when it breaks: there is no smaller example to look for.
        settings=budget(EXAMPLES, stateful_step_count=20, phases=[Phase.generate]),
    )
