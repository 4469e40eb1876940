"""People who use the product while something is done to it, and what each of their requests came to."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.product import Person, Product, Stage


@dataclass(frozen=True)
class Request:
    """One request: when it was sent (monotonic), how many seconds its answer took, and what that was.

    `status` 0: there was none. `text`: the message it posted, "" where it read a page.
    """

    sent: float
    seconds: float
    status: int
    text: str = ""
    retry_after: bool = False


@dataclass
class Load:
    """What was asked of the product, by whoever; read it once the load is over."""

    stage: Stage
    requests: list[Request] = field(default_factory=list)

    def statuses(self) -> Counter[int]:
        return Counter(each.status for each in self.requests)

    def without_a_hint(self) -> list[Request]:
        """The 503s that do not say when to come again."""
        return [each for each in self.requests if each.status == 503 and not each.retry_after]

    def slowest(self) -> float:
        """Seconds."""
        return max(each.seconds for each in self.requests)

    def lost(self, product: Product) -> list[str]:
        """The messages that were answered as posted and are not there."""
        posted = {each.text for each in self.requests if each.text and 200 <= each.status < 400}
        return sorted(posted - self._stored(product).keys())

    def half_done(self, product: Product) -> list[str]:
        """The messages that are there without their line in the ledger, more than once, or against a refusal.

        A 503 whose line broke at the very commit may be there: then whole.
        """
        return sorted(
            text for text, (rows, facts) in self._stored(product).items() if (rows, facts) != (1, 1)
        )

    def refused_and_there(self, product: Product) -> list[str]:
        """The messages that were answered as not posted, and are there all the same."""
        refused = {each.text for each in self.requests if each.text and each.status >= 400}
        return sorted(refused & self._stored(product).keys())

    def _stored(self, product: Product) -> dict[str, tuple[int, int]]:
        """How many rows and how many ledger lines each message has, by its text."""
        rows = product.ask(
            """
            select m.text, count(distinct m.id), count(a.id)
            from messages m left join activities a on a.message_id = m.id and a.kind = 'message.posted'
            where m.project_id::text = any(%s) group by m.text
            """,
            self.stage.projects,
        )
        return {text: (count, facts) for text, count, facts in rows}


@contextmanager
def load(stage: Stage, *, times: int = 1, pause: float = 0.05) -> Iterator[Load]:
    """While the block runs, each person opens the first project's page and posts there, again and again.

    `times`: in so many browsers each.
    """
    ended, noted, mark = threading.Event(), Load(stage), time.monotonic_ns()

    def use(browser: Person, name: str) -> None:
        count = 0
        while not ended.is_set():
            count += 1
            text = f"{mark}-{name}-{count}"
            noted.requests.append(request(browser, stage.path("")))
            ended.wait(pause)
            noted.requests.append(request(browser, stage.path("messages/"), text))
            ended.wait(pause)
        browser.close()

    browsers = [(person, number) for person in stage.people for number in range(times)]
    for person in stage.people:
        # The token of its forms, before anything is done to the database.
        assert person.get("/profile/")[0] == 200
        person.close()
    threads = [
        threading.Thread(target=use, args=[person.at(person.port), f"{person.id}-{number}"], daemon=True)
        for person, number in browsers
    ]
    for thread in threads:
        thread.start()
    try:
        yield noted
    finally:
        ended.set()
        for thread in threads:
            thread.join(40)


@contextmanager
def newcomers(stage: Stage, *, project: int = 0, every: float = 0.5) -> Iterator[Load]:
    """While the block runs somebody opens a project's page now and then, each on a new connection."""
    told, ended = Load(stage), threading.Event()
    threads: list[threading.Thread] = []

    def come() -> None:
        browser = stage.people[0].at(stage.people[0].port)
        told.requests.append(request(browser, stage.path("", project)))
        browser.close()

    def keep_coming() -> None:
        while not ended.wait(every):
            threads.append(threading.Thread(target=come, daemon=True))
            threads[-1].start()

    coming = threading.Thread(target=keep_coming, daemon=True)
    coming.start()
    try:
        yield told
    finally:
        ended.set()
        for thread in [coming, *threads]:
            thread.join(40)


def request(browser: Person, path: str, text: str = "") -> Request:
    """Open a page, or post a message, and note what came of it."""
    sent = time.monotonic()
    try:
        status = (browser.post(path, {"text": text}) if text else browser.get(path))[0]
    except (OSError, http.client.HTTPException):
        return Request(sent, time.monotonic() - sent, 0, text)
    return Request(sent, time.monotonic() - sent, status, text, "retry-after" in browser.headers)


def until_works(stage: Stage) -> float:
    """When (monotonic) the first project's page is a page again."""
    browser = stage.people[0].at(stage.people[0].port)
    until = time.monotonic() + 60
    while request(browser, stage.path("")).status != 200 and time.monotonic() < until:
        time.sleep(0.1)
    browser.close()
    return time.monotonic()


def bare(port: int, path: str = "/livez") -> tuple[int, float]:
    """What somebody without a sign-in gets: its status, and how many seconds it took."""
    started = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    finally:
        connection.close()
    return status, time.monotonic() - started
