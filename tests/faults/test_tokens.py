"""L01: tokens that are none, at every door that takes one."""

from __future__ import annotations

import hashlib
from collections import Counter

from tests.api_program import Program
from tests.faults.answers import HANDSHAKE, JSON, Answer, ask
from tests.faults.cases import case
from tests.faults.passwords import PASSWORD, give_password
from tests.faults.product import Product, Stage
from tests.faults.verdicts import Verdicts
from tests.forged_tokens import by_hand, forgeries, said_by

# What HTTP itself cannot carry, or not as a token.
NOT_SENT = ("half a pair", "nul")


def doors(product: Product, stage: Stage, *headers: str) -> list[tuple[str, Answer]]:
    """What these headers are answered at the API, at MCP and at a socket."""
    port = product.web.port
    return [
        ("API", ask(port, "GET /api/projects", *headers)),
        ("MCP", ask(port, "POST /mcp", JSON, *headers, body="{}")),
        ("socket", ask(port, f"GET {stage.path('live/')}", *HANDSHAKE, *headers)),
    ]


@case("L01")
def test_tokens_that_are_none_open_nothing(product: Product, verdicts: Verdicts) -> None:
    """Forged by somebody who knows the key, sent in every way, and nothing of them in a log."""
    stage = product.settle(people=1)
    give_password(product, stage)
    program = Program.signed_in(stage.people[0].base, stage.owner, PASSWORD)
    good, other = program.bearer, "00000000-0000-4000-8000-000000000000"
    secret_key = (product.data_dir / "secret_key").read_text()
    key = hashlib.sha256(f"access tokens\0{secret_key.strip()}".encode()).digest()
    forged = forgeries(good, key, other)
    answers: Counter[object] = Counter()
    wrong, lines = [], 0
    tried = {
        name: (f"Authorization: Bearer {token.encode().decode('latin-1')}",)
        for name, token in forged.items()
        if name not in NOT_SENT
    }
    bearer = f"Authorization: Bearer {good}"
    tried |= {
        "two of them": (bearer, bearer),
        "a good one and a bad one": (bearer, "Authorization: Bearer x"),
        "a bad one and a good one": ("Authorization: Bearer x", bearer),
        "two in one": (f"{bearer}, Bearer {good}",),
        "another scheme": (f"Authorization: Basic {good}",),
        "no scheme": (f"Authorization: {good}",),
        "a proxy's": (f"Proxy-Authorization: Bearer {good}",),
        "a cookie": (f"Cookie: access_token={good}; Authorization={good}",),
    }
    for name, headers in tried.items():
        for door, answer in doors(product, stage, *headers):
            lines += 1
            answers[door, answer.status] += 1
            # A handshake that can be read is refused with 403, one with a header of 5 MB is not read.
            told = answer.status == 403 or answer["www-authenticate"].startswith("Bearer")
            if answer.status not in ((401, 403) if door == "socket" else (401,)) or not told:
                wrong.append((name, door, answer.status))
    for name in ("access_token", "token", "authorization", "bearer"):
        answer = ask(product.web.port, f"GET /api/projects?{name}={good}")
        if answer.status != 401:
            wrong.append((name, "query", answer.status))
    verdicts.at_least("tokens tried, at three doors", lines / 3, 50)
    verdicts.none("not refused as due", wrong)
    verdicts.only("the good one, before and after", [len(program.call("GET", "/projects"))], {1})
    # Else the others might be refused for how they are made.
    same = by_hand(*said_by(good), key)
    answer = ask(product.web.port, "GET /api/projects", f"Authorization: Bearer {same}")
    verdicts.only("the same, made as the forged ones are", [answer.status], {200})
    words = {part for token in (*forged.values(), good) for part in token[:4096].split(".") if len(part) > 30}
    log = product.logs()
    verdicts.none("parts of tokens in a log", [part for part in words if part in log])
