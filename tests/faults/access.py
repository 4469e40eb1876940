"""Everybody who may ask the product for something, and what each asks for: real ids of one project."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from tests.api.table import OUTSIDE
from tests.faults.access_people import PEOPLE
from tests.faults.asking import Client
from tests.faults.product import Product
from tests.faults.rows import digests

_WAITING = """
select (select count(*) from tracked_activities where digested_at is null)
  + (select count(*) from agent_activities where digested_version is null)
"""
AGENTS, EVERY_SCOPE = "agent: ", "agent: every scope"
ELSEWHERE = "agent of another project"
NOBODY = ("anonymous", "deactivated")


@dataclass(frozen=True)
class Caller:
    """Who asks: as whom the pages take them, and as whom the API does."""

    name: str
    pages: str
    api: str
    cookie: str = ""
    bearer: str = ""

    @property
    def inspects(self) -> str:
        """As whom the admin takes them: for it only staff are somebody."""
        return {"staff": "may nothing", "superuser": "may all"}.get(self.pages, "is no staff")

    @property
    def is_bad_token(self) -> bool:
        return bool(self.bearer) and self.api == "anonymous"


def kind_of(who: str) -> str:
    """What a door takes somebody for: to it all of one kind are the same."""
    if who in NOBODY:
        return "nobody"
    if who in OUTSIDE:
        return "outside"
    return "lacks a scope" if who.startswith(AGENTS) and who != EVERY_SCOPE else who


@dataclass
class Access:
    """The product with Lighthouse in it, and everybody who may ask."""

    product: Product
    told: dict[str, Any]
    callers: list[Caller] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.callers = [Caller("anonymous", "anonymous", "anonymous")]
        for name, cookie in self.told["cookies"].items():
            self.callers.append(Caller(f"{name} by cookie", name, "anonymous", cookie=cookie))
        for name, bearer in self.told["bearers"].items():
            is_somebody = name in PEOPLE or name.startswith("agent")
            api = name if is_somebody else "anonymous"
            self.callers.append(Caller(f"{name} by bearer", "anonymous", api, bearer=bearer))

    @classmethod
    def to(cls, product: Product) -> Access:
        """Make the people, the project and the calls in this product."""
        where = f"http://127.0.0.1:{product.web.port}"
        script = f"from tests.faults.access_world import tell; tell({where!r})"
        done = product.manage("shell", "-c", script, check=False)
        found = re.search(r"^TOLD (.*)$", done.stdout, re.M)
        assert found, done.stdout + done.stderr
        until = time.monotonic() + 60
        while product.ask(_WAITING)[0][0]:
            assert time.monotonic() < until, "what was tracked is not folded"
            time.sleep(0.1)
        return cls(product, json.loads(found[1]))

    def client(self, caller: Caller) -> Client:
        return Client(self.product.web.port, caller.cookie, caller.bearer)

    def by(self, name: str) -> Caller:
        return next(caller for caller in self.callers if caller.name == name)

    def picture(self) -> dict[str, str]:
        """What every row of a project holds, in one text a table."""
        return digests(self.product, project=self.told["project"])
