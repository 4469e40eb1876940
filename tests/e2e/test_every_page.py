"""Every page a person can reach: WCAG 2.2 AA by axe, no sideways scrolling, light and dark, wide and narrow.

Pages are found by following the links from the list of projects, so one nobody thought of is looked at too;
one that no link leads to fails the run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import chain
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.e2e.axe import violations
from tests.e2e.doing import LIBRARY, crawled, open_project
from tests.e2e.launch import PATIENCE_MS, sign_in
from tests.views.table import NOBODY, TABLE

pytestmark = pytest.mark.slow

# A phone turned upright, and a wide page at 400 % (WCAG 1.4.10), are as narrow.
NARROWEST = 320
# What is laid out anew needs some frames for it.
STICKS_OUT = """async () => {
    const isWide = () => document.documentElement.scrollWidth > innerWidth
    for (let frame = 0; frame < 120 && isWide(); frame++) await new Promise(requestAnimationFrame)
    return !isWide() ? [] : [...document.querySelectorAll("body *")]
        .filter(e => !e.closest(".columns") && e.getBoundingClientRect().right > innerWidth)
        .map(e => e.id || e.className).slice(0, 3)
}"""
# Colours that are still on their way are neither light nor dark; on a busy machine they set off frames later.
SETTLED = """async () => {
    for (let calm = 0; calm < 5; calm++) {
        await new Promise(requestAnimationFrame)
        const moving = document.getAnimations()
        if (moving.length) calm = 0
        await Promise.allSettled(moving.map(animation => animation.finished))
    }
}"""
# Of one address with different ids and queries, the first so many are looked at.
MOST_OF_A_KIND = 2
# All of them in one test would take a loaded machine longer than a test may.
PARTS = 4

# Addresses that answer a GET and that no link leads to, and why.
NO_LINK = {
    "panel": "a part of the project page",
    "refresh": "what a page asks by itself",
    "livez": "for probes",
    "readyz": "for probes",
    "operations": "for staff",
    "invitation": "by a link that was sent",
    "unsubscribe": "by a link in a mail",
    "decisions_csv": "a file",
    "profile_data": "a file",
    "decisions_zip": "a file",
    "project_insights_csv": "a file",
    "own_insights_csv": "a file",
    "palette": "a part of the palette",
    "palette_items": "a part of the palette",
    "blocker_raise": "the address of the form on the page of blockers",
    "project_create": "the address of the list of projects",
    "item_column": "the address of item_add",
    "archived_projects": "where there are more than the list shows",
    "item_waits_for": "where there are more than the item's page shows",
    "item_holds_up": "where there are more than the item's page shows",
    "members": "where there are more than the settings show",
    "invitations": "where there are more than the settings show",
    "invite": "the address of invitations",
    "agent_tokens": "where there are more than the settings show",
    "agent_token_create": "the address of agent_tokens",
    "message_post": "the address of the chat's pages",
}
PAGES = {name for name, row in TABLE.items() if row.get not in (None, NOBODY)} - NO_LINK.keys()


def _faults(page: Page) -> list[str]:
    """What axe finds in the light, and of colours in the dark; and what sticks out at the side."""
    path = urlsplit(page.url).path
    found = violations(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.evaluate(SETTLED)
    found += [f"{violation} in the dark" for violation in violations(page, rules=("color-contrast",))]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    wide = page.viewport_size
    page.set_viewport_size({"width": NARROWEST, "height": 700})
    found += [f"{over} sticks out of {NARROWEST} px" for over in page.evaluate(STICKS_OUT)]
    page.set_viewport_size(wide)
    return [f"{path}: {fault}" for fault in found]


@pytest.fixture(scope="module")
def addresses(chromium: Browser, site: str, cookies: dict[str, StorageState]) -> dict[str, list[str]]:
    """The first addresses of each kind of page that links lead Ann to, by the kind's name."""
    context = chromium.new_context(base_url=site)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    sign_in(page, "ann")
    cookies["ann"] = context.storage_state()
    found = defaultdict[str, list[str]](list)
    for name, path, _answer in crawled(page, ["/"], most_of_a_kind=MOST_OF_A_KIND):
        found[name].append(path)
    context.close()
    return found


def test_links_lead_to_every_page(addresses: dict[str, list[str]]) -> None:
    assert PAGES - addresses.keys() == set(), "no link leads there"


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_accessible(
    visit: Callable[..., Page], addresses: dict[str, list[str]], part: int
) -> None:
    page = visit("ann", color_scheme="light", reduced_motion="reduce")
    found: list[str] = []
    for path in sorted(chain(*addresses.values()))[part::PARTS]:
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, (path, response.status)
        found += _faults(page)
    assert not found, "\n".join(found)


def test_the_states_of_a_page_are_accessible(visit: Callable[..., Page]) -> None:
    """First visit, nothing there, refused input, hidden and missing things, archived, viewer's, offline."""
    page = visit("mina", faults=True)
    found: list[str] = []

    def look(state: str) -> None:
        found.extend(f"{state}: {fault}" for fault in _faults(page))

    open_project(page, LIBRARY)
    page.goto(f"{page.url}insights/")
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
    look("all tables open")
    page.goto("/projects/00000000-0000-4000-8000-000000000000/")
    look("missing")
    page.goto("/")
    page.locator("[name=title]").fill("A new start")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/projects/*/")
    look("first visit")
    here = page.url
    page.goto(f"{here}insights/")
    look("no figures yet")
    page.goto(here)
    page.context.set_offline(True)
    expect(page.locator("#link")).not_to_have_attribute("data-state", "live")
    look("offline")
    page.context.set_offline(False)
    page.goto(f"{here}settings/")
    page.get_by_role("button", name="Archive").click()
    page.goto(here)
    look("archived")
    page.goto(f"{here}items/00000000-0000-4000-8000-000000000000/")
    look("no such item")
    assert not found, "\n".join(found)


def test_motion_stops_for_who_asks(visit: Callable[..., Page]) -> None:
    """prefers-reduced-motion: nothing moves longer than a blink, and jumps do not glide."""
    page = open_project(visit("ann", reduced_motion="reduce"), LIBRARY)
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter(element => {
            const style = getComputedStyle(element)
            const longest = text => Math.max(...text.split(",").map(parseFloat))
            return longest(style.animationDuration) > 0.01 || longest(style.transitionDuration) > 0.01
        }).length"""
    )
    assert moving == 0
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
