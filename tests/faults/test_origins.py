"""L05: only the page's own origin opens a socket, and a ticket only once and soon."""

from __future__ import annotations

import hashlib
from collections import Counter

from sessions_app.services.socket_tickets import TICKET_SECONDS
from tests.api_program import Program
from tests.faults.answers import shake
from tests.faults.cases import case
from tests.faults.passwords import PASSWORD, give_password
from tests.faults.product import Product
from tests.faults.verdicts import Verdicts


def status_of(product: Product, path: str, *headers: str) -> int:
    """What a handshake is answered; one that succeeds is hung up."""
    line, status = shake(product.web.port, path, *headers)
    line.tcp.close()
    return status


@case("L05")
def test_only_the_pages_own_origin_opens_a_socket(product: Product, verdicts: Verdicts) -> None:
    stage, port = product.settle(people=1), product.web.port
    person = stage.people[0]
    cookies, live = f"Cookie: {person.cookie_header()}", stage.path("live/")
    home = f"http://127.0.0.1:{port}"
    strangers = (
        None,
        "null",
        "",
        f"http://127.0.0.1:{port + 1}",
        "http://127.0.0.1",
        f"https://127.0.0.1:{port}",
        f"ws://127.0.0.1:{port}",
        f"http://localhost:{port}",
        f"http://127.0.0.1:{port}.evil.example",
        f"http://127.0.0.1.evil.example:{port}",
        f"http://evil.example:{port}",
        f"http://ann@127.0.0.1:{port}",
        f"http://evil.example#@127.0.0.1:{port}",
        f"{home}/",
        f"{home}, {home}",
        "http://[",
        "http://\xff",
        "x",
    )
    verdicts.only("our own page", [status_of(product, live, cookies, f"Origin: {home}")], {101})
    let_in = []
    for origin in strangers:
        said = [] if origin is None else [f"Origin: {origin}"]
        status = status_of(product, live, cookies, *said)
        # What is no address at all is refused in autobahn's words: 400.
        if status not in (400, 403):
            let_in.append((origin, status))
    verdicts.none("origins that were let in", let_in)
    odd = {
        "two of them": (cookies, f"Origin: {home}", f"Origin: {home}"),
        "no sign-in": (f"Origin: {home}",),
        "no sign-in of anybody": ("Cookie: sessionid=x", f"Origin: {home}"),
        "a host that is none": (cookies, f"Origin: {home}", f"Host: 127.0.0.1:{port}", "Host: ["),
        "a dialect that is none": (f"Origin: {home}", "Sec-WebSocket-Protocol: \xff\xfe"),
    }
    answers = Counter(status_of(product, live, *headers) for headers in odd.values())
    verdicts.only("handshakes that lack something", answers, {400, 403})


@case("L05")
def test_a_ticket_opens_one_socket_soon(product: Product, verdicts: Verdicts) -> None:
    stage = product.settle(people=1)
    give_password(product, stage)
    program = Program.signed_in(stage.people[0].base, stage.owner, PASSWORD)

    def ticket() -> str:
        made = program.call("POST", "/auth/ticket", {"projectId": stage.projects[0]})
        return f"{stage.path('live/')}?ticket={made['ticket']}"

    once, late, in_time = ticket(), ticket(), ticket()
    answers = [status_of(product, once), status_of(product, once)]
    verdicts.holds("once, and not twice", answers == [101, 403], answers)
    # Time is not waited for: the database's own clock finds them older.
    older = (
        "update socket_tickets set expires_at = expires_at - %s * interval '1 second' where secret_hash = %s"
    )
    with product.oracle("postgres") as oracle:
        for path, seconds in ((late, TICKET_SECONDS + 1), (in_time, TICKET_SECONDS - 30)):
            secret = path.rpartition("=")[2]
            done = oracle.execute(older, [seconds, hashlib.sha256(secret.encode()).hexdigest()])
            assert done.rowcount == 1
    answers = [status_of(product, late), status_of(product, in_time)]
    verdicts.holds("not after 60 s, and before that", answers == [403, 101], answers)
    stranger = status_of(product, ticket(), f"Origin: http://127.0.0.1:{product.web.port + 1}")
    nobodys = status_of(product, f"{stage.path('live/')}?ticket=lot_x")
    verdicts.only("by a stranger's page, and one that is none", [stranger, nobodys], {403})
