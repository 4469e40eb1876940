"""`track-activity`: durable answers a second, beside PostgreSQL's own inserts; none lost by a kill."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Iterator

import pytest

from tests.benchmarks.client import drive
from tests.benchmarks.goals import Goals
from tests.benchmarks.pgbench import inserts_a_second, make_table
from tests.benchmarks.serving import DAPHNE, SERVERS, UVICORN, Served, served
from tests.benchmarks.turns import in_turn
from tests.faults.product import Stage
from tests.faults.tracking import by_program, stored_events

TOPIC = "track-activity"
AT_ONCE, ROUNDS, SECONDS = 16, 3, 3
LEAST = {DAPHNE: 0.25, UVICORN: 0.55}
KILLED_AFTER_SECONDS = 1.5


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_activities_beside_plain_inserts(goals: Goals) -> None:
    with served() as leftoff:
        product = leftoff.product
        stage = product.settle(people=20, projects=5)
        make_table(product)
        ways = {
            server: lambda port=port: drive(port, _events(stage), seconds=SECONDS, expected=202).rate
            for server, port in leftoff.ports.items()
        }
        for server in SERVERS:
            # What is sent is read by the server, and answered by nobody.
            port = leftoff.beside("tests.benchmarks.nothing:application", server)
            ways[f"nothing, {server}"] = lambda port=port: drive(port, _events(stage), seconds=SECONDS).rate
            # And is kept, by somebody who asks nothing.
            port = leftoff.beside("tests.benchmarks.keeping:application", server, "postgres")
            ways[f"least, {server}"] = lambda port=port: (
                drive(port, _events(stage), seconds=SECONDS, expected=202).rate
            )
        ways["pgbench"] = lambda: inserts_a_second(product, at_once=AT_ONCE, seconds=SECONDS)
        rates = in_turn(ways, ROUNDS)
        goals.figure(TOPIC, f"pgbench, single-row inserts, {AT_ONCE} at once", rates["pgbench"], "a second")
        for server in SERVERS:
            goals.figure(TOPIC, f"durable 202s, {AT_ONCE} in flight, {server}", rates[server], "a second")
            nothing = rates[f"nothing, {server}"]
            goals.figure(TOPIC, f"an application that does nothing, {server}", nothing, "a second")
            least = rates[f"least, {server}"]
            goals.figure(TOPIC, f"the least that keeps them, {server}", least, "a second")
            goals.figure(
                TOPIC, f"the least that keeps them to pgbench, {server}", least / rates["pgbench"], "x"
            )
            goals.figure(TOPIC, f"durable 202s to the least, {server}", rates[server] / least, "x")
            to_pgbench = rates[server] / rates["pgbench"]
            goals.at_least(TOPIC, f"durable 202s to pgbench, {server}", to_pgbench, LEAST[server], "x")
        for server in SERVERS:
            _killed(goals, leftoff, stage, server)


def _killed(goals: Goals, leftoff: Served, stage: Stage, server: str) -> None:
    """The web process ends in the midst of it; what it answered until then is there."""
    sent: list[str] = []
    process = leftoff.processes[server]
    timer = threading.Timer(KILLED_AFTER_SECONDS, process.popen.kill)
    timer.start()
    load = drive(
        process.port,
        _events(stage, sent),
        seconds=KILLED_AFTER_SECONDS * 4,
        expected=202,
        may_break=True,
    )
    timer.join()
    answered = {sent[number] for number in load.answered}
    assert answered, "it was killed before it answered"
    lost = answered - stored_events(leftoff.product, stage)
    goals.figure(TOPIC, f"answered before a kill -9, {server}", len(answered))
    goals.at_most(TOPIC, f"of those lost, {server}", len(lost), 0)
    assert not lost


def _events(stage: Stage, sent: list[str] | None = None) -> Iterator[bytes]:
    """Events of everybody in every project in turn; their ids are noted in `sent`, in order."""
    for person, project in itertools.cycle(itertools.product(stage.people, stage.projects)):
        event = str(uuid.uuid4())
        if sent is not None:
            sent.append(event)
        yield by_program(person, project, event)
