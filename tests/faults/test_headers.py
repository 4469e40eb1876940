"""I02: the headers and cookies of each kind of answer, and who makes a client believed."""

from __future__ import annotations

import quopri
import re
import tempfile
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.answers import FORM, Answer, ask
from tests.faults.behind_tls import HOME, HOST, SETTINGS, Visitor
from tests.faults.cases import case
from tests.faults.conftest import running
from tests.faults.kinds_of_answer import broken, of_the_server, pages, programs
from tests.faults.observatory import directives, score
from tests.faults.product import Product, Stage
from tests.faults.verdicts import Verdicts

STRICT = {
    "default-src": ["'none'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
}
CARRIED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=()",
    "strict-transport-security": "max-age=31536000",
}
# Anybody may keep these: they are of nobody.
OF_NOBODY = {"a style", "to TLS", "a preflight"}
# Of two people, or of a page and its panel, no cache may take one for the other.
BY_WHOM = {"hx-request", "cookie"}


@pytest.fixture(scope="module")
def post() -> Iterator[Path]:
    """Where the mails arrive."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def product(post: Path) -> Iterator[Product]:
    """One that a proxy with TLS stands in front of."""
    with running(EMAIL_URL=f"filemail:///{post}", **SETTINGS) as product:
        yield product


@pytest.fixture(scope="module")
def stage(product: Product) -> Stage:
    return product.settle(people=1)


@case("I02")
def test_headers_and_cookies_of_each_kind_of_answer(
    product: Product, stage: Stage, verdicts: Verdicts
) -> None:
    of_people = [*pages(product, stage), *broken(product, stage)]
    of_programs = list(programs(product))
    found = [*of_people, *of_programs, *of_the_server(product, stage)]
    verdicts.at_least("kinds of answer", len({kind for kind, _, _ in found}), 40)
    verdicts.none(
        "with another status", [(kind, got.status) for kind, due, got in found if got.status != due]
    )
    lacking = [(kind, lack) for kind, _, answer in found for lack in lacks(kind, answer)]
    verdicts.none("lacking a header that is due", lacking)
    alike = [kind for kind, _, answer in of_people if kind not in OF_NOBODY and not varies(answer, BY_WHOM)]
    alike += [
        kind for kind, _, answer in of_programs if "API" in kind and not varies(answer, {"authorization"})
    ]
    verdicts.none("taken for another's by a cache", alike)
    cookies = [cookie for _, _, answer in found for cookie in answer.headers.get("set-cookie", [])]
    assert cookies
    verdicts.none("cookies that are not bound", [cookie for cookie in cookies if not is_bound(cookie)])
    page, plain = Visitor(product).ask("GET /account/login/"), ask(product.web.port, "GET /", host=HOST)
    verdicts.at_least("points by the Observatory's rubric", score(page, plain, f"{HOME}/"), 100)
    checked = product.manage("check", "--deploy", "--fail-level", "WARNING", check=False)
    verdicts.holds("check --deploy finds nothing", "no issues" in checked.stdout + checked.stderr)


def lacks(kind: str, answer: Answer) -> list[str]:
    """What one answer lacks of what is due, or has that it should not."""
    # A browser may heed it by TLS only, so plain http must not say it.
    due = {name: value for name, value in CARRIED.items() if kind != "to TLS" or "transport" not in name}
    found = [name for name, value in due.items() if not answer[name].startswith(value)]
    policy = directives(answer)
    found += [name for name, sources in STRICT.items() if policy.get(name) != sources]
    found += ["unsafe"] * ("unsafe" in answer["content-security-policy"])
    found += [name for name in ("server", "x-powered-by", "via") if name in answer.headers]
    if kind not in OF_NOBODY:
        found += ["cache-control"] * (not re.search("no-store|private", answer["cache-control"]))
    return found


def varies(answer: Answer, by: set[str]) -> bool:
    """Whether a cache that kept it would ask again for whoever differs in one of these."""
    return by <= {name.strip().lower() for name in answer["vary"].split(",")}


def is_bound(cookie: str) -> bool:
    """Whether a cookie is for this host only, by TLS, for no script, and sent with no other site's form."""
    flags = {flag.strip().lower() for flag in cookie.split(";")[1:]}
    is_strict = {"secure", "httponly", "path=/"} <= flags and {"samesite=lax", "samesite=strict"} & flags
    return cookie.startswith("__Host-") and bool(is_strict)


FORGED = (
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Server: evil.example",
    "X-Forwarded-Port: 81",
    "X-Forwarded-Prefix: /evil",
    "X-Script-Name: /evil",
    "Script-Name: /evil",
    "Daphne-Root-Path: /evil",
    "X-Original-URL: /evil",
    "X-Rewrite-URL: /evil",
    "Forwarded: for=203.0.113.9;host=evil.example;proto=http",
    "X-Real-IP: 203.0.113.9",
    "X-HTTP-Method-Override: DELETE",
)


@case("I02")
def test_what_a_client_says_of_its_place_moves_nothing(
    product: Product, stage: Stage, post: Path, verdicts: Verdicts
) -> None:
    """Addresses in pages, redirects, the API and mails are the configured ones, whatever was forged."""
    ann, nobody = Visitor(product, dict(stage.people[0].cookies)), Visitor(product)
    nobody.ask("GET /account/password/reset/")
    form = {"csrfmiddlewaretoken": nobody.cookies["__Host-csrf"], "email": stage.owner}
    reset = urllib.parse.urlencode(form)
    asked = [
        ann.ask(f"GET {stage.path('')}", *FORGED),
        ann.ask(f"GET {stage.path('settings/')}", *FORGED),
        ann.ask(f"GET {stage.path('')[:-1]}", *FORGED),
        nobody.ask("GET /", *FORGED),
        nobody.ask("GET /api/openapi.json", *FORGED),
        nobody.ask("POST /account/password/reset/", FORM, f"Origin: {HOME}", *FORGED, body=reset),
        ask(product.web.port, "GET /", *FORGED),
        ask(product.web.port, "GET /", *FORGED, host=""),
        ask(product.web.port, "GET /", *FORGED, host="evil.example"),
    ]
    texts = [f"{answer['location']} {answer.body.decode()}" for answer in asked] + [the_mail(post)]
    verdicts.none("answers and mails with what was forged", [text for text in texts if "evil" in text])
    absolute = [answer["location"] for answer in asked if answer["location"].startswith("http")]
    absolute += re.findall(r"https?://\S+", texts[-1])
    verdicts.only("absolute addresses lead to", [place[: len(HOME) + 1] for place in absolute], {f"{HOME}/"})
    verdicts.only("answers", Counter(answer.status for answer in asked), {200, 301, 302, 400})


def the_mail(post: Path) -> str:
    """The text of the one mail that comes."""
    until = time.monotonic() + 20
    while not (found := [path.read_text() for path in post.iterdir()]):
        assert time.monotonic() < until, "no mail came"
        time.sleep(0.1)
    return quopri.decodestring(found[0].encode()).decode()


@case("I02")
def test_limits_count_by_the_address_that_the_proxy_names(product: Product, verdicts: Verdicts) -> None:
    """Of a list the last address is the proxy's word, whatever a client wrote before it."""
    asked = 1
    while ask_for_reset(product, f"203.0.113.{asked}, 192.0.2.7", asked) != 429 and asked < 100:
        asked += 1
    # Twenty in a minute, which a slow machine may not do.
    verdicts.at_most("new passwords asked for until it is too often", asked, 40)
    verdicts.only("one from another address then", [ask_for_reset(product, "192.0.2.7, 192.0.2.8", 0)], {302})


def ask_for_reset(product: Product, passed_on: str, number: int) -> int:
    """What is answered to whoever says that they forgot their password, each with another e-mail."""
    visitor = Visitor(product, {"__Host-csrf": "c" * 32}, passed_on)
    form = {"csrfmiddlewaretoken": "c" * 32, "email": f"nobody-{number}@example.org"}
    line, body = "POST /account/password/reset/", urllib.parse.urlencode(form)
    return visitor.ask(line, FORM, f"Origin: {HOME}", body=body).status
