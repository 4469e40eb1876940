"""The doors that bad input comes to, one signed-in caller at each, and how much the database holds."""

from __future__ import annotations

import http.client
import json
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.api_program import Program, one_of_each
from tests.bad_values import FORM
from tests.faults.product import Product
from tests.faults.rows import digests
from tests.running import Browser, first_owner
from tests.waiting import wait_until

JSON = "application/json"
OWNER_MAIL, PASSWORD = "olga@example.org", "correct horse battery"


@dataclass
class Answer:
    status: int
    kind: str
    text: str

    def fields(self) -> list[str]:
        """The fields that a problem names."""
        return [error["field"] for error in json.loads(self.text).get("errors", [])]

    def data(self) -> Any:
        """What a success of the API carries."""
        return json.loads(self.text)["data"]


# The server hangs up on who says nothing for a minute.
MOST_IDLE_SECONDS = 30


@dataclass
class Door:
    """One connection with what every request of a caller carries; a new one is counted."""

    port: int
    headers: dict[str, str]
    connections: int = 0
    _open: http.client.HTTPConnection | None = None
    _used_at: float = 0.0

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        """Send one request; bytes go out as they are, without a kind there is no such header."""
        if time.monotonic() - self._used_at > MOST_IDLE_SECONDS:
            self.close()
        self._used_at = time.monotonic()
        if self._open is None or self._open.sock is None:
            self._open = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            self.connections += 1
        self._open.request(method, path, body, self.headers | ({"Content-Type": kind} if kind else {}))
        response = self._open.getresponse()
        return Answer(
            response.status,
            response.headers.get("Content-Type", ""),
            response.read().decode(errors="replace"),
        )

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


@dataclass
class Inputs:
    """A product with one person, one project with one of everything in it, and that project's agent."""

    product: Product
    api: Door
    agent: Door
    page: Door
    browser: Browser
    ids: dict[str, str]
    document: dict[str, Any]

    def rows(self) -> dict[str, str]:
        """What the rows of each table hold."""
        return digests(self.product)

    def call(self, path: str, body: object) -> Answer:
        """POST a JSON body to the API, as the person."""
        return self.api.ask("POST", f"/api{path}", as_json(body), JSON)

    def post(self, path: str, **form: str) -> int:
        """POST a page's form, as the person; returns the status."""
        fields = {"csrfmiddlewaretoken": self.browser.cookies["csrftoken"], **form}
        return self.page.ask("POST", path, urllib.parse.urlencode(fields).encode(), FORM).status

    def wait_until_digested(self) -> None:
        """Wait until nothing of what was sent is still on its way."""
        waiting = "select from agent_activities where digested_version is null"
        wait_until(lambda: not self.product.ask(waiting))

    def address(self, path: str, **other: str) -> str:
        """A path of the document with real ids in it, or with others."""
        return path.format(**self.ids | other)

    def schema(self, reference: dict[str, Any]) -> dict[str, Any]:
        """What a schema of the document comes to, its reference followed."""
        while "$ref" in reference:
            name = reference["$ref"].rpartition("/")[2]
            reference = self.document["components"]["schemas"][name]
        return reference


def as_json(body: object) -> bytes:
    """A body of the API."""
    return json.dumps(body).encode()


@pytest.fixture(scope="package")
def inputs(roomy: Product) -> Iterator[Inputs]:
    """One for all cases that send what is refused: it is left as it was found."""
    base = f"http://127.0.0.1:{roomy.web.port}"
    # The link is printed a moment after it listens.
    wait_until(lambda: "/welcome/" in roomy.web.log.read_text())
    browser = first_owner(base, roomy.web.log, OWNER_MAIL, "Olga", PASSWORD)
    person = Program.signed_in(base, OWNER_MAIL, PASSWORD)
    ids, agent = one_of_each(person, "Refused")
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    doors = [
        Door(roomy.web.port, headers)
        for headers in (
            {"Authorization": f"Bearer {person.bearer}"},
            {"Authorization": f"Bearer {agent.bearer}", "Accept": "application/json, text/event-stream"},
            {"Cookie": cookies, "Origin": base},
        )
    ]
    document = Program(base).call("GET", "/openapi.json")
    yield Inputs(roomy, *doors, browser, ids, document)
    for door in doors:
        door.close()
