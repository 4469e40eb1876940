"""What changed in a browser: numbers that are doors, decisions of others, and being caught up."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.e2e.doing import LIBRARY, add_idea, open_project
from tests.e2e.test_keys import select

LISTED = "main li.decided, main li.change, main li.question"


def test_every_number_of_the_sentence_leads_to_as_many(visit: Callable[..., Page]) -> None:
    page = open_project(visit("mina"))
    here = page.url.partition("#")[0]
    links = page.locator(".welcome-since a").filter(has_text=re.compile(r"\d"))
    doors = [(link.get_attribute("href"), int(link.inner_text().split()[0])) for link in links.all()]
    assert len(doors) >= 2
    for address, number in doors:
        page.goto(address or "")
        expect(page.locator(LISTED)).to_have_count(number)
        assert page.url != here
    page.goto(here)
    expect(page.locator(".welcome-touched")).to_contain_text("You last")
    expect(page.locator("#steps .step").first).to_contain_text("Start here")


def test_what_others_decided_is_accepted_contested_and_reopened(visit: Callable[..., Page]) -> None:
    """By mouse and by key; an acceptance can be undone."""
    page = open_project(visit("ann"))
    page.locator("#unseen").scroll_into_view_if_needed()
    accepted, by_key, contested, reopened = (row(page, place) for place in range(4))
    page.locator(accepted).get_by_role("button", name="Accept").click()
    expect(page.locator(accepted)).to_have_count(0)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(accepted)).to_be_visible()
    select(page, by_key.removeprefix("#"))
    page.keyboard.press("a")
    expect(page.locator(by_key)).to_have_count(0)
    # The next one has the focus: on it goes.
    page.keyboard.press("c")
    page.keyboard.type("Nobody asked the choir")
    page.keyboard.press("Control+Enter")
    expect(page.locator(contested)).to_have_count(0)
    expect(page.locator("#questions")).to_contain_text("Nobody asked the choir")
    page.locator(reopened).locator("summary", has_text="Reopen").click()
    page.locator(reopened).locator("textarea").last.fill("The oven is broken")
    page.locator(reopened).get_by_role("button", name="Reopen").click()
    expect(page.locator(reopened)).to_have_count(0)
    expect(page.locator("#exploring")).to_contain_text("The oven is broken")


def test_what_comes_while_one_reads_stays_new(visit: Callable[..., Page]) -> None:
    """Caught up with what was read; what came meanwhile is still there; and all of it after an undo."""
    page, other = open_project(visit("jonas")), open_project(visit("bob"))
    before = changes(page).count()
    assert before > 1
    add_idea(other, "A bell for the front desk")
    arrived = page.locator("#changes .change", has_text="A bell for the front desk")
    expect(arrived).to_have_count(1)
    page.get_by_role("button", name="I’m caught up").click()
    expect(changes(page)).to_have_count(1)
    expect(arrived).to_have_count(1)
    page.get_by_role("button", name="I’m caught up").click()
    expect(page.locator("#changes")).to_contain_text("You’re caught up")
    expect(page.locator("#changes")).to_be_in_viewport()
    expect(changes(page)).to_have_count(0)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(changes(page)).to_have_count(1)


def test_catching_up_needs_no_javascript(visit: Callable[..., Page]) -> None:
    page = visit("mina", java_script_enabled=False)
    page.get_by_role("link", name=LIBRARY).first.click()
    page.get_by_role("button", name="I’m caught up").click()
    expect(page.locator("#changes")).to_contain_text("You’re caught up")
    page.locator("#changes").get_by_role("button", name="Undo").click()
    expect(changes(page).first).to_be_visible()


def row(page: Page, place: int) -> str:
    """What finds one of the decisions, wherever it is then."""
    found = page.locator("#unseen li.unseen").nth(place)
    expect(found).to_be_visible()
    return f"#{found.get_attribute('id')}"


def changes(page: Page) -> Locator:
    return page.locator("#changes .change")
