"""A05: SIGTERM under load. Nobody who was taken in is cut off, nobody else is taken in."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import pytest

from sessions_app import embedded
from tests.commands.begun import asking, half_sent, posting
from tests.commands.conftest import pids_using, postmaster
from tests.commands.raw import Raw
from tests.faults.cases import case
from tests.faults.conftest import running
from tests.faults.raw_pages import open_socket
from tests.faults.sizes import sizes
from tests.faults.tracking import events_of, stream
from tests.faults.verdicts import Verdicts
from tests.waiting import wait_until

EXIT_SECONDS = 15


@dataclass(frozen=True)
class Load:
    people: int
    a_second: float
    held: int


@case("A05")
@sizes(Load(4, 15, 2), Load(20, 50, 20))
def test_a_stop_answers_whoever_was_taken_in(size: Load, verdicts: Verdicts) -> None:
    """Held: pages that wait for the database, and requests half sent, of which some are finished."""
    with running() as product:
        stage = product.settle(people=size.people)
        person, port, many = stage.people[0], product.web.port, range(size.held)
        live, _ = open_socket(stage)
        silent, kept = Raw(port), Raw(port).send("GET /livez HTTP/1.1", "Host: x", "")
        assert kept.tcp.recv(4096).startswith(b"HTTP/1.1 200")
        finishing, never = [half_sent(port) for _ in many], [half_sent(port) for _ in many]
        posted, never_posted = [posting(port, 11) for _ in many], [posting(port, 11) for _ in many]
        with ThreadPoolExecutor(1) as clients:
            sending = clients.submit(stream, port, events_of(stage), a_second=size.a_second, seconds=6)
            time.sleep(2)
            with product.oracle(embedded.OWNER) as owner, owner.transaction():
                owner.execute("lock table projects in access exclusive mode")
                slow = [asking(port, person, stage.path("")) for _ in many]
                time.sleep(0.5)
                product.web.popen.send_signal(signal.SIGTERM)
                asked_at = time.monotonic()
                verdicts.only("sockets are closed with", [live.close_code()], {1012})
                verdicts.holds("new connections are refused", refuses_connections(port))
                for line in finishing:
                    line.send("")
                for line in posted:
                    line.tcp.sendall(b"login=olga&")
                time.sleep(1)
            ledger = sending.result()
        wrongly_answered = [
            (name, status)
            for name, lines, expected in (
                ("a page that waits", slow, 200),
                ("a request finished meanwhile", finishing, 200),
                ("a form finished meanwhile", posted, 403),
                ("a request never finished", never, 503),
                ("a form never finished", never_posted, 503),
            )
            for status, headers, _ in (line.answer() for line in lines)
            if status != expected
            or headers["connection"] != "close"
            or (status == 503) != ("retry-after" in headers)
        ]
        verdicts.none("held requests answered wrongly or not to the end", wrongly_answered)
        verdicts.only("connections without a request are closed with", {silent.rest(), kept.rest()}, {b""})
        verdicts.only("exit code", [product.web.popen.wait(EXIT_SECONDS)], {0})
        verdicts.at_most("exit", time.monotonic() - asked_at, EXIT_SECONDS, "s")
        verdicts.only("answers to the load (0: none, -1: cut)", ledger.statuses(), {0, 202, 503})
        verdicts.holds("its database is gone", postmaster(product.data_dir) is None)
        verdicts.none("202s without a row", ledger.without_a_row(product, stage))
        verdicts.none("tracebacks", ["there is one"] if "Traceback" in product.web.log.read_text() else [])


@dataclass(frozen=True)
class Moments:
    """Seconds: before each signal after the first one, and from the first word of a start to its signal.

    `worker`: before each signal to a worker that starts the database, the first one as soon as there is any.
    """

    further: list[tuple[float, ...]]
    starting: list[float]
    worker: list[tuple[float, ...]]


@case("A05")
@sizes(
    Moments([(0.5,), (0.2, 0.2)], [1.0], [(0.0, 0.0)]),
    Moments(
        [
            *((pause,) for pause in (0.0, 0.1, 0.3, 0.6, 1.0, 2.0, 4.0)),
            (0.0, 0.0),
            (0.2, 0.1, 0.1),
            (1.0, 0.5),
        ],
        [0.2, 0.5, 1.0, 1.5, 2.0, 3.0],
        [(0.0, 0.0), (0.0, 0.2), (0.1, 0.1, 0.1), (0.5, 0.0), (1.0, 0.3)],
    ),
)
def test_a_signal_at_any_moment_leaves_no_database(size: Moments, verdicts: Verdicts) -> None:
    """The second one waits for nobody, nor do more of them; the first one may come while it starts."""
    took, left = [], []
    with running() as product:
        for pauses in size.further:
            if not product.processes:
                product.serve()
            web = product.processes.pop()
            held = half_sent(web.port)
            web.popen.send_signal(signal.SIGTERM)
            ask_again(web.popen, pauses)
            asked_at = time.monotonic()
            code = web.popen.wait(EXIT_SECONDS)
            took.append(time.monotonic() - asked_at)
            # Who asks a third time waits for no good end.
            if postmaster(product.data_dir) or (code != 0 and len(pauses) == 1):
                left.append(("further signals", pauses, code))
            held.rest()
        for pause in size.starting:
            starting = product.start("serve", "--port", "0")
            wait_until(lambda log=starting.log: "Starting PostgreSQL" in log.read_text(), 60, step=0.02)
            time.sleep(pause)
            code = starting.stop()
            if postmaster(product.data_dir):
                left.append(("signal at the start", pause, code))
        for pauses in size.worker:
            worker = product.start("worker")
            wait_until(lambda: postmaster(product.data_dir))
            worker.popen.send_signal(signal.SIGTERM)
            ask_again(worker.popen, pauses)
            code = worker.popen.wait(EXIT_SECONDS)
            if postmaster(product.data_dir):
                left.append(("signals to a worker that starts", pauses, code))
    verdicts.none("signals that left a database, second ones that ended in an error", left)
    verdicts.at_most("exit after the last signal", max(took), EXIT_SECONDS, "s")


def ask_again(process: subprocess.Popen[bytes], pauses: tuple[float, ...]) -> None:
    """Send further signals, each after its pause, while it is there to hear them."""
    for pause in pauses:
        time.sleep(pause)
        process.send_signal(signal.SIGTERM)


@case("A05")
@pytest.mark.faults
def test_a_page_that_hangs_is_given_up(verdicts: Verdicts) -> None:
    """Its reader hears 503 in time or gets it by another connection, and the process is gone with 0."""
    with running("--no-worker") as product:
        stage = product.settle(people=1)
        # A database that neither answers nor breaks off: no timeout of its own ends the statement.
        backends = pids_using(product.data_dir) - {postmaster(product.data_dir)}
        signal_all(backends, signal.SIGSTOP)
        hung = asking(product.web.port, stage.people[0], stage.path(""))
        time.sleep(0.5)
        asked_at = time.monotonic()
        product.web.popen.send_signal(signal.SIGTERM)
        try:
            status, headers, _ = hung.answer()
        finally:
            signal_all(backends, signal.SIGCONT)
        told = (status, headers["connection"], "retry-after" in headers)
        verdicts.only("a page that hangs", [told], {(503, "close", True), (200, "close", False)})
        verdicts.only("exit code", [product.web.popen.wait(EXIT_SECONDS)], {0})
        verdicts.at_most("exit in spite of it", time.monotonic() - asked_at, EXIT_SECONDS, "s")


def signal_all(pids: set[int], number: int) -> None:
    for pid in pids:
        # One of the server's helpers may have ended by itself meanwhile.
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def refuses_connections(port: int) -> bool:
    """Whether nobody listens any more, within a moment."""
    until = time.monotonic() + 2
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            return True
        except ConnectionResetError:
            # It was in the queue of those not yet taken in when the listening ended.
            pass
        time.sleep(0.02)
    return False
