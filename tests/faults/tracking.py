"""Programs and pages that tell what people do, many at a time; what each was answered, and how soon."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import urllib.parse
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tests.faults.asking import CSRF_TOKEN
from tests.faults.product import Person, Product, Stage

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """`status` 0: none came; -1: one that was cut off. `seconds`: since it was due to be sent."""

    status: int
    seconds: float
    has_retry_after: bool = False


@dataclass
class Ledger:
    """What was sent, noted before it was, and what was answered; events by their ids."""

    answers: dict[str, Answer] = field(default_factory=dict)

    def accepted(self) -> set[str]:
        return {event for event, answer in self.answers.items() if answer.status == 202}

    def statuses(self) -> Counter[int]:
        return Counter(answer.status for answer in self.answers.values())

    def share(self, status: int) -> float:
        """Of all answers, how many had this status: from 0 to 1."""
        return self.statuses()[status] / len(self.answers)

    def without_retry_after(self) -> list[str]:
        """Those who were told to come again, and not when."""
        told = ((event, answer) for event, answer in self.answers.items() if answer.status in (429, 503))
        return [event for event, answer in told if not answer.has_retry_after]

    def milliseconds(self, share: float) -> float:
        """So long it took that `share` of the answers came sooner."""
        return _at([answer.seconds for answer in self.answers.values()], share) * 1000

    def without_a_row(self, product: Product, stage: Stage) -> set[str]:
        """What was answered 202 and is not there."""
        return self.accepted() - stored_events(product, stage)

    def refused_with_a_row(self, product: Product, stage: Stage) -> set[str]:
        """What was refused and is there all the same."""
        refused = {event for event, answer in self.answers.items() if answer.status >= 400}
        return refused & stored_events(product, stage)


def stored_events(product: Product, stage: Stage) -> set[str]:
    """The ids of all events of a stage's projects that are there."""
    rows = product.ask(
        "select event_id::text from tracked_activities where project_id::text = any(%s)", stage.projects
    )
    return {event for (event,) in rows}


def counted(product: Product, stage: Stage) -> int:
    """How many tracked activities the analytics of a stage's projects have counted."""
    ((activities,),) = product.ask(
        "select sum(activities_tracked)::int from session_analytics where project_id::text = any(%s)",
        stage.projects,
    )
    return activities or 0


def _at(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


class CutOff(Exception):
    """An answer began, and did not end."""


class Line:
    """One connection that is kept, in as few steps as there can be: clients must not eat the machine."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> tuple[int, bool]:
        """Send a request; returns the answer's status and whether it says when to come again.

        Raises CutOff where an answer began and did not end; OSError, EOFError, TimeoutError where none came.
        """
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._ask(request)
        except BaseException:
            self.close()
            raise

    async def _ask(self, request: bytes) -> tuple[int, bool]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writer.write(request)
        begun = await self._reader.readexactly(1)
        try:
            head = (begun + await self._reader.readuntil(b"\r\n\r\n")).lower()
            if length := head.partition(b"content-length: ")[2].partition(b"\r")[0]:
                await self._reader.readexactly(int(length))
            else:
                await self._reader.readuntil(b"\r\n0\r\n\r\n")
        except (OSError, EOFError) as ended:
            raise CutOff from ended
        if b"connection: close" in head:
            self.close()
        return int(head[9:12]), b"\r\nretry-after: " in head

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


def by_program(person: Person, project: str, event: str, kind: str = "typed") -> bytes:
    """An event as a front end of one's own sends it: by bearer, as JSON."""
    body = {"projectId": project, "event_id": event, "kind": kind}
    return call(person, "/api/sessions/track-activity", body)


def by_page(person: Person, project: str, event: str, kind: str = "typed") -> bytes:
    """An event as a page of ours sends it: by cookie, as a form."""
    return form(person, f"/projects/{project}/activity/", event_id=event, kind=kind)


def call(person: Person, path: str, body: dict[str, object]) -> bytes:
    """The bytes of a program's request."""
    headers = (f"Authorization: Bearer {person.bearer}", "Content-Type: application/json")
    return _post(person.port, path, json.dumps(body), *headers)


def form(person: Person, path: str, **fields: str) -> bytes:
    """The bytes of a page's form."""
    headers = (
        f"Cookie: {person.cookie_header()}; csrftoken={CSRF_TOKEN}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Origin: {person.base}",
    )
    body = urllib.parse.urlencode({"csrfmiddlewaretoken": CSRF_TOKEN, **fields})
    return _post(person.port, path, body, *headers)


def _post(port: int, path: str, body: str, *headers: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        *headers,
        f"Content-Length: {len(body)}",
        "",
        body,
    ]
    return "\r\n".join(lines).encode()


def events_of(stage: Stage, kind: str = "typed") -> Iterator[tuple[str, bytes]]:
    """Events without end, by id: everybody in every project, by each door in turn."""
    ways = itertools.cycle(itertools.product((by_program, by_page), stage.projects, stage.people))
    for door, project, person in ways:
        event = str(uuid.uuid4())
        yield event, door(person, project, event, kind)


def stream(port: int, events: Iterable[tuple[str, bytes]], *, a_second: float, seconds: float) -> Ledger:
    """Send events evenly; one that is due waits for no other, and takes a line of its own if it must."""
    count = int(a_second * seconds)

    async def send_all(one: Callable[[str, bytes, float], Awaitable[None]]) -> None:
        started, tasks = time.perf_counter(), []
        for number, (event, request) in enumerate(itertools.islice(events, count)):
            due = started + number / a_second
            await asyncio.sleep(due - time.perf_counter())
            tasks.append(asyncio.ensure_future(one(event, request, due)))
        await asyncio.gather(*tasks)

    return _sending(port, send_all)


def flood(port: int, events: Iterable[tuple[str, bytes]], *, at_once: int, in_all: int) -> Ledger:
    """Send events as fast as they are answered, so many in flight all the time."""
    some = itertools.islice(events, in_all)

    async def send_all(one: Callable[[str, bytes, float], Awaitable[None]]) -> None:
        async def keep_sending() -> None:
            for event, request in some:
                await one(event, request, time.perf_counter())

        await asyncio.gather(*(keep_sending() for _ in range(at_once)))

    return _sending(port, send_all)


def _sending(
    port: int, send_all: Callable[[Callable[[str, bytes, float], Awaitable[None]]], Awaitable[None]]
) -> Ledger:
    ledger, idle = Ledger(), list[Line]()

    async def one(event: str, request: bytes, due: float) -> None:
        line = idle.pop() if idle else Line(port)
        ledger.answers[event] = Answer(0, 0.0)
        status, has_retry_after = 0, False
        try:
            status, has_retry_after = await line.ask(request)
        except CutOff:
            status = -1
        except (OSError, EOFError, TimeoutError):
            pass
        ledger.answers[event] = Answer(status, time.perf_counter() - due, has_retry_after)
        idle.append(line)

    async def run() -> None:
        await send_all(one)
        for line in idle:
            line.close()

    asyncio.run(run())
    return ledger
