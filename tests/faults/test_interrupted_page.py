"""C02 in a browser: a page that is interrupted says so, and heals by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.doing import wait_until_live
from tests.faults.browsers import browsing, needs_chromium
from tests.faults.cases import case
from tests.faults.product import Person, Product, Stage
from tests.faults.proxy import Proxy, running_in_thread
from tests.faults.verdicts import Verdicts

pytestmark = [needs_chromium, case("C02")]
LONGEST_MS = 40_000


@pytest.fixture
def stage(product: Product) -> Stage:
    """A reader and a writer."""
    return product.settle(people=2)


@pytest.fixture
def line(product: Product) -> Iterator[Proxy]:
    with running_in_thread(Proxy(product.web.port)) as line:
        yield line


@pytest.mark.parametrize("trouble", ["cut", "hush"])
def test_a_broken_line_is_said_and_heals(stage: Stage, line: Proxy, verdicts: Verdicts, trouble: str) -> None:
    """Cut: as when the server dies. Hushed: nothing is closed and nothing comes; a network swallows all."""
    reader, writer = stage.people
    with browsing(reader, line.port) as page:
        _open(page, stage)
        getattr(line, trouble)()
        verdicts.at_most(f"{trouble}: the page says so after", _until_said(page, "Reconnecting…"), 10, "s")
        _say(writer, stage, "meanwhile")
        line.mend()
        verdicts.at_most(
            f"{trouble}: once it is over, up to date after", _until_shown(page, "meanwhile"), 10, "s"
        )
        verdicts.at_most(f"{trouble}: and has its socket again after", _until_live(page), 10, "s")


def test_where_only_asking_works_it_says_so(stage: Stage, verdicts: Verdicts) -> None:
    """A proxy that knows no sockets: a few seconds late, and never silently."""
    reader, writer = stage.people
    with browsing(reader) as page:
        page.route_web_socket("**/live/?since=*", lambda socket: socket.close(code=1011))
        page.goto(stage.path(""))
        verdicts.at_most("no sockets: the page says so after", _until_said(page, "Reconnecting…"), 10, "s")
        _say(writer, stage, "by asking")
        verdicts.at_most("no sockets: a commit shown after", _until_shown(page, "by asking"), 10, "s")
        _until_said(page, "Updates every few seconds")
        verdicts.holds("no sockets: it says that this is how it is", True)


def test_a_killed_server_is_said_and_heals(product: Product, stage: Stage, verdicts: Verdicts) -> None:
    """SIGKILL, then the same again on the same port."""
    reader, writer = stage.people
    second = product.serve("--no-worker")
    with browsing(reader, second.port) as page:
        _open(page, stage)
        second.kill()
        product.processes.remove(second)
        verdicts.at_most("killed: the page says so after", _until_said(page, "Reconnecting…"), 10, "s")
        _say(writer, stage, "by the other server")
        second = product.serve("--no-worker", port=second.port)
        took = _until_shown(page, "by the other server")
        verdicts.at_most("killed: once a server listens, up to date after", took, 10, "s")
    product.processes.remove(second)
    assert second.stop() == 0


def _open(page: Page, stage: Stage) -> None:
    page.goto(stage.path(""))
    wait_until_live(page)
    expect(page.locator("#link")).to_be_hidden()


def _say(person: Person, stage: Stage, text: str) -> None:
    status, _ = person.post(stage.path("messages/"), {"text": text})
    assert status == 302, status


def _until_said(page: Page, words: str) -> float:
    """Seconds until the page says so of its line."""
    started, link = time.monotonic(), page.locator("#link")
    expect(link).to_be_visible(timeout=LONGEST_MS)
    expect(link).to_have_text(words, timeout=LONGEST_MS)
    return time.monotonic() - started


def _until_live(page: Page) -> float:
    """Seconds until the page has its socket again, and says nothing of its line any more."""
    started = time.monotonic()
    expect(page.locator("#link")).to_be_hidden(timeout=LONGEST_MS)
    return time.monotonic() - started


def _until_shown(page: Page, text: str) -> float:
    """Seconds until the chat shows a message."""
    started = time.monotonic()
    expect(page.locator("#messages")).to_contain_text(text, timeout=LONGEST_MS)
    return time.monotonic() - started
