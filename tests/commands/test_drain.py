"""SIGTERM under load (case A05): nobody who was taken in is cut off, nobody else is taken in."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.commands.conftest import Installation, Serving, pids_using, postmaster
from tests.commands.raw import OPENED, Raw, RawSocket
from tests.commands.test_serve import project_of
from tests.running import Browser

EXIT_SECONDS = 15


@pytest.fixture(autouse=True)
def _hung_up() -> Iterator[None]:
    """What a test left open is closed behind it."""
    yield
    while OPENED:
        OPENED.pop().close()


def half_sent(serving: Serving) -> Raw:
    """A connection on which the headers of a request have begun."""
    return Raw(serving.port).send("GET /livez HTTP/1.1", "Host: 127.0.0.1")


def posting(serving: Serving, length: int, *more: str, path: str = "/account/login/") -> Raw:
    """A connection on which a form's headers are through, its body not."""
    return Raw(serving.port).send(
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/x-www-form-urlencoded",
        *([f"Content-Length: {length}"] if length else []),
        *more,
        "",
    )


def asking(serving: Serving, browser: Browser, path: str) -> Raw:
    """A connection on which a signed-in page is asked for."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return Raw(serving.port).send(f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookies}", "")


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
        half_sent(serving),
        half_sent(serving),
        posting(serving, 11),
        posting(serving, 11),
    )
    with installed.database() as oracle, oracle.transaction():
        oracle.execute("lock table projects in access exclusive mode")
        slow = asking(serving, olga, page)
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
    held = half_sent(serving)
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
    hung = asking(serving, olga, page)
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


@pytest.mark.faults
def test_a_request_that_trickles_is_not_waited_for(installed: Installation) -> None:
    serving = installed.serve("--no-worker")
    slow = half_sent(serving)
    started = time.monotonic()
    while time.monotonic() - started < 20 and not is_answered(slow):
        slow.send("X-More: yes")
        time.sleep(0.5)
    assert slow.answer()[0] == 408
    assert serving.stop(signal.SIGTERM) == 0


def test_what_is_too_large_or_too_slow_is_refused_before_it_is_read(installed: Installation) -> None:
    """Case F05: by anybody, wherever to; with a length that is told and without."""
    serving = installed.serve("--no-worker")
    olga = serving.first_owner()
    page = project_of(olga, "Guarded")
    before = resident_bytes(serving)
    for path in ("/account/login/", "/api/projects", "/api/nothing", "/nothing"):
        status, headers, _ = posting(serving, 300_000_000, path=path).answer()
        assert (status, "problem" in headers["content-type"]) == (413, path.startswith("/api/"))
        for length, more in ((300_000_000, ()), (0, ("Transfer-Encoding: chunked",))):
            flood = posting(serving, length, *more, path=path)
            assert sent_until_refused(flood, chunked=not length) <= 3_000_000, path
    assert resident_bytes(serving) - before < 20_000_000
    # What Django itself refuses, with a page, still reaches it.
    over = "x" * (1024 * 1024 + 1000)
    status, body, _ = olga.post(f"{page}messages/", {"text": over})
    assert (status, "at most 1 MiB" in body) == (413, True)
    live = RawSocket(serving.port)
    offered = "Sec-WebSocket-Extensions: permessage-deflate"
    assert "permessage-deflate" not in live.open(olga, live_path(olga, page), offered)
    live.say(b"x" * (64 * 1024 + 1))
    assert live.close_code() == 1009
    assert olga.get("/livez")[0] == 200
    assert serving.stop(signal.SIGTERM) == 0


def test_a_header_that_is_too_long_has_an_answer(installed: Installation) -> None:
    """A bearer of 5 MB is none (L01); any other header of that size is refused with its own status."""
    serving = installed.serve("--no-worker")
    for header, status in (("Authorization: Bearer ", 401), ("X-Long: ", 431)):
        for length in (17_000, 70_000, 5_000_000):
            client = Raw(serving.port).send("GET /api/projects HTTP/1.1", "Host: 127.0.0.1")
            with suppress(OSError):
                client.tcp.sendall(f"{header}{'x' * length}\r\n\r\n".encode())
            got, headers, body = client.answer()
            assert (got, headers["content-type"]) == (status, "application/problem+json"), (header, length)
            assert json.loads(body)["status"] == status
    assert serving.stop(signal.SIGTERM) == 0


def is_answered(client: Raw) -> bool:
    """Whether something has come back."""
    return bool(select.select([client.tcp], [], [], 0)[0])


def sent_until_refused(flood: Raw, *, chunked: bool) -> int:
    """Send until the server has enough; returns how many bytes it took."""
    piece = b"x" * 16_384
    if chunked:
        piece = b"4000\r\n" + piece + b"\r\n"
    # What the kernel keeps for us is not what the server took.
    flood.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    sent = 0
    try:
        while sent < 50_000_000:
            flood.tcp.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    flood.tcp.close()
    return sent


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


def resident_bytes(serving: Serving) -> int:
    """How much memory the web server's process holds."""
    with open(f"/proc/{serving.process.pid}/statm") as file:
        return int(file.read().split()[1]) * 4096
