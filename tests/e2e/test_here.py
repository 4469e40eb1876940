"""One's session lives from real use of the page, and from nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Request, expect

from tests import running
from tests.e2e.doing import open_project
from tests.waiting import wait_until

ACTIVITY = "**/activity/"
MINUTE_MS = 60_000


@pytest.fixture
def told() -> list[str]:
    """The ids of the events that a page told."""
    return []


def _listen(page: Page, told: list[str]) -> None:
    def note(request: Request) -> None:
        if request.url.endswith("/activity/") and request.method == "POST":
            told.append(_event_id(request))

    page.on("request", note)


def _event_id(request: Request) -> str:
    body = request.post_data or ""
    if "form-data" in request.headers.get("content-type", ""):
        return body.partition('name="event_id"')[2].split()[0]
    return parse_qs(body)["event_id"][0]


def test_only_what_a_person_does_counts_and_once_a_minute(
    visit: Callable[..., Page], told: list[str]
) -> None:
    page = visit("jonas")
    page.clock.install()
    open_project(page)
    _listen(page, told)
    page.clock.run_for(3 * MINUTE_MS)
    assert told == []
    with page.expect_response(ACTIVITY) as answer:
        page.locator("#chat-title").click()
        page.clock.run_for(1_000)
    assert answer.value.status == 202
    page.keyboard.press("Tab")
    page.mouse.wheel(0, 50)
    page.clock.run_for(MINUTE_MS // 2)
    assert len(told) == 1
    with page.expect_response(ACTIVITY):
        page.clock.run_for(MINUTE_MS)
    assert len(set(told)) == 2


def test_what_was_not_heard_is_told_again_with_the_same_id(
    visit: Callable[..., Page], told: list[str]
) -> None:
    page = visit("jonas", faults=True)
    page.clock.install()
    open_project(page)
    _listen(page, told)
    page.clock.run_for(2 * MINUTE_MS)
    page.route(ACTIVITY, lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.locator("#chat-title").click()
        page.clock.run_for(100)
    page.unroute(ACTIVITY)
    with page.expect_response(ACTIVITY) as answer:
        page.clock.run_for(11_000)
    assert answer.value.status == 202
    assert len(told) == 2
    assert len(set(told)) == 1


def test_leaving_tells_what_was_not_told_yet(visit: Callable[..., Page], data_dir: Path) -> None:
    """Also less than a minute after the page was loaded, when the browser is on its way elsewhere."""
    page = open_project(visit("jonas"))
    before = _rows_taken_in(data_dir)
    page.locator("#chat-title").click()
    page.goto("/")
    # It is sent beside the next page, which does not wait for it.
    wait_until(lambda: _rows_taken_in(data_dir) > before)
    assert _rows_taken_in(data_dir) == before + 1


def _rows_taken_in(data_dir: Path) -> int:
    """How many events the database took in. Chromium tells nobody of what it sends in leaving."""
    code = (
        "from django.db import connections; cursor = connections['owner'].cursor();"
        "cursor.execute('select count(*) from tracked_activities'); print(cursor.fetchone()[0])"
    )
    return int(running.manage(data_dir, "shell", "-v0", "-c", code).stdout)


def test_coming_back_to_an_open_page_begins_a_session(visit: Callable[..., Page], told: list[str]) -> None:
    """After a long pause the first touch does, and the panels are told from there."""
    page = visit("mina")
    page.clock.install()
    open_project(page)
    page.locator("#composer-text").fill("left half written")
    page.clock.run_for(2 * MINUTE_MS)
    _listen(page, told)
    page.clock.fast_forward(31 * MINUTE_MS)
    with page.expect_response("**/session/") as answer:
        page.locator("#chat-title").click()
    assert answer.value.status == 200
    assert 'id="header"' in answer.value.text()
    expect(page.locator("#header")).to_contain_text("Welcome back")
    expect(page.locator("#composer-text")).to_have_value("left half written")
    assert told == []
