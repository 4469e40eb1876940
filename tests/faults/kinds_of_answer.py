"""One of each kind of answer that the product gives behind a proxy, with the status it should have."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sessions_app.embedded import OWNER
from tests.faults import answers
from tests.faults.answers import FORM, HANDSHAKE, JSON, Answer, ask
from tests.faults.behind_tls import HOST, Visitor
from tests.faults.figures import METRICS_TOKEN
from tests.faults.product import Product, Stage

HTMX = "HX-Request: true"


def pages(product: Product, stage: Stage) -> Iterator[tuple[str, int, Answer]]:
    """What browsers get: of each kind its name, the status it should have, and one of it."""
    ann, nobody = Visitor(product, dict(stage.people[0].cookies)), Visitor(product)
    page = stage.path("")
    yield "a page", 200, ann.ask(f"GET {page}")
    yield "a panel", 200, ann.ask(f"GET {page}panels/stats/", HTMX)
    yield "a list as CSV", 200, ann.ask(f"GET {page}decisions.csv")
    yield "a download", 200, ann.ask("GET /profile/data/")
    yield "a style", 200, nobody.ask("GET /static/css/base.css")
    yield "the sign-in", 200, nobody.ask("GET /account/login/")
    yield "a redirect", 302, nobody.ask(f"GET {page}")
    yield "the admin", 302, nobody.ask("GET /admin/")
    yield "a panel, signed out", 401, Visitor(product).ask(f"GET {page}panels/stats/", HTMX)
    yield "bytes that are no text", 400, ann.ask("GET /?x=%00")
    yield "another host", 400, nobody.ask("GET /", host="evil.example")
    yield "no token", 403, ann.ask(f"POST {page}items/", FORM, body="title=T")
    yield "not there", 404, ann.ask("GET /nothing/")
    yield "no such style", 404, nobody.ask("GET /static/none.css")
    yield "not by GET", 405, ann.ask(f"GET {page}rename/")
    yield "too much of a form", 413, ann.ask("POST /", FORM, body="x=" + "y" * (1024 * 1024 + 1000))


def programs(product: Product) -> Iterator[tuple[str, int, Answer]]:
    """What programs and machines get."""
    program = Visitor(product)
    sign_in = json.dumps({"email": "nobody@example.org", "password": "a guess"})
    yield "the API's document", 200, program.ask("GET /api/openapi.json")
    yield "the API's page", 200, program.ask("GET /api/docs")
    yield "the API, unsigned", 401, program.ask("GET /api/projects")
    yield "the API, not there", 404, program.ask("GET /api/none")
    yield "the API, not by DELETE", 405, program.ask("DELETE /api/verbs")
    yield "the API, no JSON", 400, program.ask("POST /api/auth/token", JSON, body="{")
    guess = program.ask("POST /api/auth/token", JSON, body=sign_in)
    # Ten in a window of time, and another may begin meanwhile.
    for _ in range(20):
        if guess.status != 429:
            guess = program.ask("POST /api/auth/token", JSON, body=sign_in)
    yield "the API, too often", 429, guess
    preflight = ("Origin: https://front.example.org", "Access-Control-Request-Method: GET")
    yield "a preflight", 200, program.ask("OPTIONS /api/projects", *preflight)
    yield "MCP, unsigned", 401, program.ask("POST /mcp", JSON, body="{}")
    yield "MCP, not by GET", 405, program.ask("GET /mcp")
    yield "figures", 200, program.ask("GET /metrics", f"Authorization: Bearer {METRICS_TOKEN}")
    yield "figures, unsigned", 401, program.ask("GET /metrics")
    yield "life", 200, program.ask("GET /livez")
    yield "readiness", 200, program.ask("GET /readyz")


def of_the_server(product: Product, stage: Stage) -> Iterator[tuple[str, int, Answer]]:
    """What is answered before anything of Django's is asked."""
    port, live = product.web.port, stage.path("live/")
    yield "a socket, unsigned", 403, ask(port, f"GET {live}", *HANDSHAKE, host=HOST)
    yield "a socket of no origin", 400, ask(port, f"GET {live}", *HANDSHAKE, "Origin: null", host=HOST)
    yield "half a handshake", 400, ask(port, f"GET {live}", HANDSHAKE[0], host=HOST)
    yield "no HTTP", 400, answers.sent(port, b"nonsense\r\n\r\n")
    yield "a header too long", 431, ask(port, "GET /", f"X: {'x' * 70_000}", host=HOST)
    yield "a body too large", 413, ask(port, "POST /", "Content-Length: 300000000", host=HOST)
    yield "a path of no letters", 400, ask(port, "GET /\xff", host=HOST)
    yield "to TLS", 301, ask(port, "GET /", host=HOST)


def broken(product: Product, stage: Stage) -> Iterator[tuple[str, int, Answer]]:
    """What is answered while the database cannot, and while something of ours is broken."""
    ann = Visitor(product, dict(stage.people[0].cookies))
    with product.oracle(OWNER) as owner, owner.transaction():
        owner.execute("lock table memberships in access exclusive mode")
        yield "a page, database away", 503, ann.ask(f"GET {stage.path('')}")
    with product.oracle(OWNER) as owner:
        owner.execute("alter table memberships rename to elsewhere")
        try:
            yield "our own fault", 500, ann.ask(f"GET {stage.path('')}")
        finally:
            owner.execute("alter table elsewhere rename to memberships")
