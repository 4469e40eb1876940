"""Commands in the chat box: offered while one types, and an item soon after they are sent."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import WCAG, violations
from tests.e2e.doing import MARSH, open_project, say

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}


def offered(page: Page) -> list[str]:
    """The commands that are offered now."""
    return page.locator("#composer-commands:visible [role=option]:visible code").all_inner_texts()


def test_a_command_is_completed_sent_and_becomes_an_item(visit: Callable[..., Page]) -> None:
    ann, bob = open_project(visit("ann"), MARSH), open_project(visit("bob"), MARSH)
    box = ann.locator("#composer-text")
    box.press_sequentially("/pa")
    option = ann.get_by_role("option", name="/park")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "command-park")
    box.press("Tab")
    expect(box).to_have_value("/park ")
    expect(box).to_be_focused()
    expect(ann.locator("#composer-commands")).to_be_hidden()
    box.press_sequentially("A clock for the tower because nobody can climb it")
    box.press("Control+Enter")
    for page in (ann, bob):
        card = page.locator("#parked article.item", has_text="A clock for the tower")
        expect(card).to_be_visible()
        expect(card).to_contain_text("nobody can climb it")
        expect(card.locator(".cite")).to_contain_text(
            "/park A clock for the tower because nobody can climb it"
        )
    # Its source is on the page: the link goes there and not away.
    card.get_by_role("link", name="from the chat").click()
    expect(bob.locator(".message:target")).to_contain_text("/park A clock for the tower")
    assert "/messages/" not in bob.url


def test_words_become_an_item_too(visit: Callable[..., Page]) -> None:
    page = open_project(visit("bob"), MARSH)
    say(page, "Good evening. We decided to buy a second ladder because the first one is short.")
    card = page.locator("#decided article.item", has_text="Buy a second ladder")
    expect(card).to_contain_text("the first one is short")
    expect(card.locator(".cite")).to_contain_text(re.compile(r"from the chat,\s+80 % sure"))


def test_the_offers_are_worked_by_keys(visit: Callable[..., Page]) -> None:
    page = open_project(visit("bob"), MARSH)
    box = page.locator("#composer-text")
    box.press_sequentially("Thanks all!\n/")
    assert offered(page) == ["/decide", "/park", "/explore", "/ask"]
    assert violations(page, "#composer", rules=(*WCAG, "best-practice")) == []
    box.press("ArrowUp")
    expect(box).to_have_attribute("aria-activedescendant", "command-ask")
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "command-park")
    box.press("Escape")
    expect(page.locator("#composer-commands")).to_be_hidden()
    expect(box).not_to_have_attribute("aria-activedescendant", re.compile("."))
    box.press("Backspace")
    box.press_sequentially("/EX")
    box.press("Enter")
    expect(box).to_have_value("Thanks all!\n/explore ")
    box.press_sequentially("a and/or b, see /etc")
    assert offered(page) == []
    box.fill("")


def test_a_push_leaves_the_offers_open(visit: Callable[..., Page]) -> None:
    ann, bob = open_project(visit("ann"), MARSH), open_project(visit("bob"), MARSH)
    box = ann.locator("#composer-text")
    box.press_sequentially("/")
    box.press("ArrowDown")
    say(bob, "Something else meanwhile")
    expect(ann.locator("#messages")).to_contain_text("Something else meanwhile")
    expect(ann.get_by_role("option", name="/park")).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "command-park")
    box.press("Enter")
    expect(box).to_have_value("/park ")
    box.fill("")


@pytest.mark.parametrize("javascript", [True, False])
def test_the_help_lists_the_commands(visit: Callable[..., Page], javascript: bool) -> None:
    page = visit("jonas", java_script_enabled=javascript)
    page.get_by_role("link", name="Neighbourhood library").first.click()
    page.locator("#composer-help > summary").click()
    shown = page.locator("#composer-help .menu-list")
    expect(shown).to_be_visible()
    assert shown.locator("dd code").all_inner_texts() == ["/decide", "/park", "/explore", "/ask"]
    if javascript:
        page.keyboard.press("Escape")
        expect(shown).to_be_hidden()


def test_on_a_phone_an_offer_is_tapped(visit: Callable[..., Page]) -> None:
    page = open_project(visit("mina", **PHONE))
    box = page.locator("#composer-text")
    box.tap()
    box.press_sequentially("/d")
    option = page.get_by_role("option", name="/decide")
    assert (option.bounding_box() or {})["height"] >= 44
    option.tap()
    expect(box).to_have_value("/decide ")
    expect(box).to_be_focused()
    box.fill("")
