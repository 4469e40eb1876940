"""SIGTERM under load (case A05): nobody who was taken in is cut off, nobody else is taken in."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.commands.begun import asking, half_sent, posting
from tests.commands.conftest import Installation, Serving, pids_using, postmaster
from tests.commands.raw import Raw, RawSocket, hang_up
from tests.commands.test_serve import project_of
from tests.running import Browser

EXIT_SECONDS = 15


@pytest.fixture(autouse=True)
def _hung_up() -> Iterator[None]:
    """What a test left open is closed behind it."""
    yield
    hang_up()


def live_path(browser: Browser, page: str) -> str:
    """Where the page's own socket is."""
    _, body, _ = browser.get(page)
    version = re.search(r'data-version="(\d+\.\d+)"', body)
    epoch = re.search(r'data-epoch="(\w+)"', body)
    assert version, body
    assert epoch, body
    return f"{page}live/?since={epoch[1]}:{version[1]}"


def test_a_stop_answers_whoever_was_taken_in(installed: Installation) -> None:
    serving = installed.serve()
    olga = serving.first_owner()
    page = project_of(olga, "Drained")
    live = RawSocket(serving.port)
    assert "101" in live.open(olga, live_path(olga, page)), serving.log.read_text()
    silent, kept = Raw(serving.port), Raw(serving.port).send("GET /livez HTTP/1.1", "Host: x", "")
    assert kept.tcp.recv(4096).startswith(b"HTTP/1.1 200")
    finishing, never, posted, never_posted = (
        half_sent(serving.port),
        half_sent(serving.port),
        posting(serving.port, 11),
        posting(serving.port, 11),
    )
    with installed.database() as oracle, oracle.transaction():
        oracle.execute("lock table projects in access exclusive mode")
        slow = asking(serving.port, olga, page)
        time.sleep(0.5)
        serving.process.send_signal(signal.SIGTERM)
        asked_at = time.monotonic()
        assert live.close_code() == 1012
        assert refuses_connections(serving)
        finishing.send("")
        posted.tcp.sendall(b"login=olga&")
        time.sleep(1)
    for connection, expected in (
        (slow, 200),
        (finishing, 200),
        (posted, 403),
        (never, 503),
        (never_posted, 503),
    ):
        status, headers, _ = connection.answer()
        assert status == expected
        assert headers["connection"] == "close"
        assert (status == 503) == ("retry-after" in headers)
    assert silent.rest() == kept.rest() == b""
    assert serving.process.wait(EXIT_SECONDS) == 0
    assert time.monotonic() - asked_at < EXIT_SECONDS
    assert postmaster(installed.data_dir) is None
    assert "Traceback" not in serving.log.read_text()


def test_a_second_signal_does_not_wait(installed: Installation) -> None:
    serving = installed.serve("--no-worker")
    held = half_sent(serving.port)
    serving.process.send_signal(signal.SIGTERM)
    assert refuses_connections(serving)
    assert serving.process.poll() is None
    serving.process.send_signal(signal.SIGTERM)
    assert serving.process.wait(3) == 0
    held.rest()
    assert postmaster(installed.data_dir) is None


def _signal_all(pids: set[int], number: int) -> None:
    for pid in pids:
        # One of the server's helpers may have ended by itself meanwhile.
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@pytest.mark.faults
def test_a_page_that_hangs_is_given_up(installed: Installation) -> None:
    """Its reader hears 503 in time, and the process is gone with 0."""
    serving = installed.serve("--no-worker")
    olga = serving.first_owner()
    page = project_of(olga, "Hung")
    # A database that neither answers nor breaks off: no timeout of its own ends the statement.
    backends = pids_using(installed.data_dir) - {postmaster(installed.data_dir)}
    _signal_all(backends, signal.SIGSTOP)
    hung = asking(serving.port, olga, page)
    time.sleep(0.5)
    asked_at = time.monotonic()
    serving.process.send_signal(signal.SIGTERM)
    try:
        status, headers, _ = hung.answer()
    finally:
        _signal_all(backends, signal.SIGCONT)
    assert (status, headers["connection"], "retry-after" in headers) == (503, "close", True)
    assert serving.process.wait(EXIT_SECONDS) == 0
    assert time.monotonic() - asked_at < EXIT_SECONDS


def refuses_connections(serving: Serving) -> bool:
    """Whether nobody listens any more, within a moment."""
    until = time.monotonic() + 2
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", serving.port), timeout=1).close()
        except ConnectionRefusedError:
            return True
        except ConnectionResetError:
            # It was in the queue of those not yet taken in when the listening ended.
            pass
        time.sleep(0.02)
    return False
