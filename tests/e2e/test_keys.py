"""The whole way by keys alone: rows, verbs, search, palette; and none of it while one types."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.axe import WCAG, violations
from tests.e2e.doing import LIBRARY, MARSH, add_idea, open_project, say, wait_until_live
from tests.e2e.launch import HOME

# WCAG 2.2 AA.
RULES = (*WCAG, "best-practice")


def focused(page: Page) -> str:
    """The id of what has the focus."""
    return str(page.evaluate("document.activeElement.id"))


def select(page: Page, row: str) -> None:
    """Press j until that row is selected."""
    for _ in range(80):
        if focused(page) == row:
            return
        page.keyboard.press("j")
    raise AssertionError(f"j never came to {row}")


def test_an_item_is_decided_by_keys_alone(visit: Callable[..., Page]) -> None:
    page = visit("ann")
    page.keyboard.press("j")
    while MARSH not in (page.evaluate("document.activeElement.ariaLabel") or ""):
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/*/")
    wait_until_live(page)
    card = add_idea(page, "Wooden signs along the path")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    select(page, card)
    assert page.evaluate("document.activeElement.ariaLabel") == "Wooden signs along the path"
    page.keyboard.press("d")
    assert focused(page) == f"decide-{card.removeprefix('item-')}-reason"
    page.keyboard.press("Escape")
    expect(page.locator(f"#decide-{card.removeprefix('item-')}")).not_to_have_attribute(
        "open", re.compile("")
    )
    page.keyboard.press("d")
    page.keyboard.type("Jonas has the oak")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    decided = page.locator("#decided article.item", has_text="Wooden signs along the path")
    expect(decided).to_contain_text("Jonas has the oak")
    # Focus went on to something, and the notice's undo is one key away.
    expect(page.locator("#toasts form[data-undoes]")).to_be_visible()
    assert page.evaluate("document.activeElement !== document.body")
    page.keyboard.press("u")
    expect(page.locator(f"#exploring #{card}")).to_be_visible()


def test_a_selection_stays_when_others_change_the_page(visit: Callable[..., Page]) -> None:
    page, bob = open_project(visit("ann"), MARSH), open_project(visit("bob"), MARSH)
    mine = add_idea(page, "A bench at the bend")
    page.evaluate("document.activeElement.blur()")
    select(page, mine)
    say(bob, "Somebody says something")
    expect(page.locator("#messages")).to_contain_text("Somebody says something")
    add_idea(bob, "A bin beside the bench")
    expect(page.locator("#exploring")).to_contain_text("A bin beside the bench")
    assert focused(page) == mine


def test_search_leads_to_an_items_page(visit: Callable[..., Page]) -> None:
    page = open_project(visit("bob"), LIBRARY)
    page.keyboard.press("/")
    assert focused(page) == "search-field"
    page.keyboard.type("/j?")
    expect(page.locator("#search-field")).to_have_value("/j?")
    page.keyboard.press("Control+A")
    page.keyboard.type("lamps")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=lamps")
    words = page.locator("#search-words")
    words.fill("reading lam")
    expect(page.locator("#found mark").first).to_have_text("Reading")
    expect(page).to_have_url(re.compile(r"q=reading\+lam$"))
    assert violations(page, "main", rules=RULES) == []
    words.press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/items/*/")
    expect(page.locator("h1")).to_contain_text("Reading lamps")
    # On an item's own page its verbs need no selection.
    page.keyboard.press("p")
    assert focused(page).startswith("park-")


def test_the_palette_goes_and_does(visit: Callable[..., Page]) -> None:
    page = open_project(visit("bob"), MARSH)
    card = add_idea(page, "Rubber boots to lend")
    page.evaluate("document.activeElement.blur()")
    select(page, card)
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Where to")
    expect(field).to_be_focused()
    expect(page.get_by_role("option", name="Decide: Rubber boots to lend")).to_be_visible()
    assert violations(page, "#palette", rules=RULES) == []
    field.fill("park")
    park = page.get_by_role("option", name="Park: Rubber boots")
    expect(park).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "offer-does-p")
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator(f"#park-{card.removeprefix('item-')}-reason")).to_be_focused()
    # Also from within a field; then by an item's title.
    page.keyboard.press("Control+k")
    field.fill("rubber bo")
    offer = page.locator(f"#palette-offers #offer-{card}")
    expect(offer).to_be_visible()
    while offer.get_attribute("aria-selected") != "true":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/items/*/")
    page.keyboard.press("Control+k")
    field.fill("neighb")
    expect(page.get_by_role("option", name=LIBRARY)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/*/")
    expect(page.locator("h1")).to_contain_text(LIBRARY)
    page.keyboard.press("Control+k")
    field.fill("zzzz")
    expect(page.get_by_text("Nothing of that name.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_of_very_many_projects_the_one_that_is_named_comes_first(visit: Callable[..., Page]) -> None:
    """Also where as much as is shown fits as well: the server is asked for it, for the page has a hundred."""
    page = open_project(visit("bob"), MARSH)

    def offers(kind: str, *titles: str, more: str = "") -> str:
        row = '<li role="option" class="offer" id="offer-{0}-{1}" data-href="/"{2}><span>{3}</span></li>'
        return "".join(row.format(kind, n, more, title) for n, title in enumerate(titles))

    known = offers("project", *(f"Lamps of place {n}" for n in range(12)), more=" data-more")
    found = offers("item", *(f"An item about lamps {n}" for n in range(6)))
    page.route("**/palette/", lambda route: route.fulfill(body=known))
    page.route("**/projects/*/palette/?q=*", lambda route: route.fulfill(body=found))
    page.route(re.compile(r":\d+/palette/\?q="), lambda route: route.fulfill(body=offers("found", "Lamps")))
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Where to").fill("lamps")
    expect(page.locator("#palette-offers .offer").first).to_have_text("Lamps")
    expect(page.locator("#palette-offers #offer-item-0")).to_be_visible()


def test_keys_are_listed_ignored_while_typing_and_can_be_switched_off(visit: Callable[..., Page]) -> None:
    page = open_project(visit("mina"), LIBRARY)
    box = page.locator("#composer-text")
    box.fill("")
    box.press_sequentially("jk?gid")
    expect(box).to_have_value("jk?gid")
    expect(page.locator("#keys")).to_be_hidden()
    box.fill("")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert violations(page, "#keys", rules=RULES) == []
    page.keyboard.press("j")
    page.get_by_label("Single keys, on this device").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    page.evaluate("localStorage.clear()")
    page.reload()
    wait_until_live(page)
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/decisions/")
    assert violations(page, "body", rules=RULES) == []
    page.keyboard.press("j")
    assert focused(page).startswith("decision-")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url(HOME)
    expect(page.get_by_role("heading", name="Your projects")).to_be_visible()


def test_a_long_message_is_read_by_keys(visit: Callable[..., Page]) -> None:
    """It scrolls in a box of its own, which the focus reaches and which has a name; a short one is none."""
    page = open_project(visit("bob"))
    for text in ("A short one", "One line of many\n" * 80 + "\nThe end of it"):
        say(page, text)
        expect(page.locator("#composer-text")).to_have_value("")
    expect(page.locator(".message-sending")).to_have_count(0)
    long, short = (page.locator("#messages .message-text", has_text=text).last for text in ("many", "short"))
    expect(short).not_to_have_attribute("tabindex", re.compile(""))
    expect(long).to_have_attribute("aria-label", "Long message, You")
    end = long.get_by_text("The end of it")
    expect(end).not_to_be_in_viewport()
    page.locator("#composer-text").focus()
    for _ in range(8):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.className") == "message-text":
            break
    expect(long).to_be_focused()
    page.keyboard.press("End")
    expect(end).to_be_in_viewport()
    assert not violations(page, "#chat")
