"""F05: what is too large, too much or too slow is refused before it is read."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

import pytest

from tests.commands.begun import half_sent, is_answered, posting, sent_until_refused
from tests.commands.raw import Raw
from tests.faults.cases import case
from tests.faults.product import Person, Product
from tests.faults.raw_pages import open_socket
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts

HUGE_BYTES = 300_000_000
MEGABYTE = 1_000_000
# What a page may say on its socket at once (management/web/server.py).
SOCKET_MESSAGE_MAX_BYTES = 64 * 1024


@case("F05")
@sizes(["/api/nothing"], ["/account/login/", "/api/projects", "/api/nothing", "/nothing"])
def test_a_huge_body_is_refused_before_it_is_read(
    product: Product, size: list[str], verdicts: Verdicts
) -> None:
    """By anybody, wherever to; with a length that is told and without."""
    port, before = product.web.port, product.web.resident_bytes
    answers: Counter[object] = Counter()
    taken = []
    for path in size:
        status, headers, _ = posting(port, HUGE_BYTES, path=path).answer()
        is_as_asked = ("problem" in headers["content-type"]) == path.startswith("/api/")
        answers[status if is_as_asked else (path, headers["content-type"])] += 1
        for length, more in ((HUGE_BYTES, ()), (0, ("Transfer-Encoding: chunked",))):
            flood = posting(port, length, *more, path=path)
            taken.append(sent_until_refused(flood, HUGE_BYTES, chunked=not length))
    verdicts.only("answers to 300 MB", answers, {413})
    verdicts.at_most("taken of it at most", max(taken) / MEGABYTE, 3, "MB")
    verdicts.at_most("memory it cost", (product.web.resident_bytes - before) / MEGABYTE, 20, "MB")


@case("F05")
def test_what_is_only_a_little_too_large_is_told_with_a_page(product: Product, verdicts: Verdicts) -> None:
    stage = product.settle(people=1)
    over = "x" * (1024 * 1024 + 1000)
    status, body = stage.people[0].post(stage.path("messages/"), {"text": over})
    verdicts.holds("a form over the limit is told so on its page", status == 413 and "at most 1 MiB" in body)
    answers: Counter[object] = Counter()
    # A bearer of 5 MB is none (L01); any other header of that size is refused with its own status.
    for header, expected in (("Authorization: Bearer ", 401), ("X-Long: ", 431)):
        for length in (17_000, 70_000, 5_000_000):
            client = Raw(product.web.port).send("GET /api/projects HTTP/1.1", "Host: 127.0.0.1")
            with suppress(OSError):
                client.tcp.sendall(f"{header}{'x' * length}\r\n\r\n".encode())
            got, headers, told = client.answer()
            is_told = (headers["content-type"], json.loads(told)["status"]) == (
                "application/problem+json",
                expected,
            )
            answers[got if is_told and got == expected else (header, length, got)] += 1
    verdicts.only("headers too long", answers, {401, 431})


@dataclass(frozen=True)
class Flood:
    sockets: int
    messages: int


@case("F05")
@sizes(Flood(1, 10_000), Flood(20, 10_000))
def test_a_flood_on_a_socket_ends_it(product: Product, size: Flood, verdicts: Verdicts) -> None:
    """Messages as fast as the line takes them, each of them fine by itself; then one that is too large."""
    stage = product.settle(people=1)
    before, codes, told = product.web.resident_bytes, Counter[int](), []
    for _ in range(size.sockets):
        line, page = open_socket(stage)
        message = json.dumps({"since": page.since}).encode()
        with suppress(OSError):
            for _number in range(size.messages):
                line.say(message)
        codes[line.close_code()] += 1
        line.tcp.close()
        told.append(product.web.resident_bytes - before)
    verdicts.only("a flood is closed with", codes, {1008})
    line, _ = open_socket(stage, "Sec-WebSocket-Extensions: permessage-deflate")
    line.announce(SOCKET_MESSAGE_MAX_BYTES + 1)
    verdicts.only(
        "a message of one byte too many is closed, before it is read, with", [line.close_code()], {1009}
    )
    verdicts.at_most("memory it cost", max(told) / MEGABYTE, 20, "MB")


@case("F05")
@sizes(300, 2_000)
def test_idle_connections_keep_nobody_out(product: Product, size: int, verdicts: Verdicts) -> None:
    """Connections on which nobody says anything, or only begins to, and a page beside them."""
    (person,) = product.settle(people=1).people
    before, alone = product.web.resident_bytes, median_of(person)
    held = [Raw(person.port) for _ in range(size // 2)] + [half_sent(person.port) for _ in range(size // 2)]
    verdicts.at_most("a page beside them, compared with alone, medians", median_of(person) / alone, 5, "x")
    is_open = [not is_answered(client) for client in held]
    verdicts.at_least("connections still held then", sum(is_open), size)
    verdicts.at_most("memory they cost", (product.web.resident_bytes - before) / MEGABYTE, 20, "MB")


def median_of(person: Person, pages: int = 20) -> float:
    """Seconds for a page, the median of some."""
    took = []
    for _ in range(pages):
        started = time.perf_counter()
        assert person.get("/profile/")[0] == 200
        took.append(time.perf_counter() - started)
    return statistics.median(took)


@case("F05")
@pytest.mark.faults
def test_whoever_trickles_or_does_not_read_is_cut_off(product: Product, verdicts: Verdicts) -> None:
    """Headers that never end, a body that never ends, and a reader who takes no answer."""
    port, before = product.web.port, product.web.resident_bytes
    headers, body = half_sent(port), posting(port, 1_000)
    deaf = Raw(port)
    for _ in range(20):
        deaf.send("GET /static/ninja/swagger-ui-bundle.js HTTP/1.1", "Host: 127.0.0.1", "")
    started, took = time.monotonic(), dict[str, float]()
    while time.monotonic() - started < 100 and len(took) < 2:
        for name, client, more in (("headers", headers, "X-More: yes"), ("body", body, "x")):
            if name not in took and is_answered(client):
                took[name] = time.monotonic() - started
            elif name not in took:
                client.send(more)
        time.sleep(0.5)
    verdicts.only("answers to a trickle", [client.answer()[0] for client in (headers, body)], {408})
    verdicts.at_most("headers that trickle are taken for", took["headers"], 16, "s")
    verdicts.at_most("a body that trickles is taken for", took["body"], 62, "s")
    # Since the last byte it took; the server gives up a minute later.
    time.sleep(max(0.0, 90 - (time.monotonic() - started)))
    deaf.rest()
    verdicts.at_most("read of 30 MB by whoever comes back too late", len(deaf.received) / MEGABYTE, 20, "MB")
    verdicts.at_most("memory it cost", (product.web.resident_bytes - before) / MEGABYTE, 40, "MB")
