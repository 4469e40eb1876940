"""What several browser tests do."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.urls import resolve
from playwright.sync_api import Locator, Page, Response, Route, expect

from tests.e2e.launch import PATIENCE_MS

LIBRARY = "Neighbourhood library reopening"
MARSH = "Pocket field guide for the marsh"


def open_project(page: Page, title: str = LIBRARY) -> Page:
    """Go to a project by its link, and wait until its page hears of changes."""
    page.get_by_role("link", name=title).first.click()
    page.wait_for_url("**/projects/*/")
    return wait_until_live(page)


def wait_until_live(page: Page) -> Page:
    """Wait until the page has its socket."""
    expect(page.locator("#link")).to_have_attribute("data-state", "live")
    return page


def number(page: Page, label: str) -> int:
    """The number of one of the four doors."""
    return int(_number(page, label).inner_text())


def expect_number(page: Page, label: str, number: int) -> None:
    """Wait until one of the four doors has that number."""
    expect(_number(page, label)).to_have_text(str(number))


def _number(page: Page, label: str) -> Locator:
    return page.locator(".door", has_text=label).locator(".door-number")


def say(page: Page, text: str) -> None:
    """Write a message and send it."""
    page.locator("#composer-text").fill(text)
    page.locator("#composer-text").press("Control+Enter")


def add_idea(page: Page, title: str) -> str:
    """Add an idea; returns the id of its card."""
    page.locator("#add-item-title").fill(title)
    page.locator("#add-item-title").press("Enter")
    card = page.locator("#exploring article.item", has_text=title)
    expect(card).to_be_visible()
    return card.get_attribute("id") or ""


def open_verb(page: Page, card: str, verb: str) -> None:
    """Open the form of a card's verb."""
    page.locator(f"#{verb}-{card.removeprefix('item-')} > summary").click()


def links_of(page: Page) -> list[str]:
    """Where this page's links lead on this site, without places on the page."""
    hrefs = page.eval_on_selector_all(
        "a[href]:not([download])",
        "links => links.filter(a => a.origin === location.origin).map(a => a.pathname + a.search)",
    )
    return list(
        dict.fromkeys(href for href in hrefs if not href.startswith(("/admin/", "/api/", "/static/")))
    )


def crawled(
    page: Page, starts: list[str], *, home: str = "", most_of_a_kind: int = 1
) -> Iterator[tuple[str, str, Response]]:
    """Open what links lead to from there on: each page's name, address and answer, while it is open.

    Of one name the first `most_of_a_kind` addresses are opened. With `home`, a project's address, other
    projects are left alone.
    """
    seen, kinds, waiting = set(starts), Counter[str](), deque(starts)
    while waiting:
        path = waiting.popleft()
        name = str(resolve(urlsplit(path).path).url_name)
        if kinds[name] == most_of_a_kind or (home and "/projects/" in path and not path.startswith(home)):
            continue
        kinds[name] += 1
        answer = page.goto(path)
        assert answer, path
        yield name, path, answer
        fresh = [link for link in links_of(page) if link not in seen]
        seen.update(fresh)
        waiting.extend(fresh)


class Held:
    """Requests to an address that are held back until the test lets them go."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.routes: list[Route] = []
        page.route(address, lambda route: self.routes.append(route))

    def wait(self) -> Route:
        """The oldest request that is held, once there is one."""
        for _ in range(PATIENCE_MS // 20):
            if self.routes:
                return self.routes.pop(0)
            self.page.wait_for_timeout(20)
        raise AssertionError(f"nothing was sent to {self.address}")
