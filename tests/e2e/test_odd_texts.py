"""Texts that try the layout (case F10): they stay in their place, and may be as long as they may be."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.doing import add_idea, open_project, say

TURNING, MARKS = "\u202eegap eht fo thgir", "e" + "\u0301" * 10_000
# What runs out of the page to the right, and how far each line of a list reaches down.
BOXES = """line => [".message-name", ".message-time"]
    .map(part => line.querySelector(part).getBoundingClientRect().toJSON())"""
IS_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# No row of a list is higher than that: a chat's text scrolls, a card's is cut.
MOST_ROW_PX = 600


@pytest.mark.parametrize("width", [1280, 390])
def test_odd_texts_break_no_layout(visit: Callable[..., Page], width: int) -> None:
    page = open_project(visit("bob", viewport={"width": width, "height": 900}))
    plain = page.locator(f"#{add_idea(page, f'A plain one at {width}')}")
    turning = page.locator(f"#{add_idea(page, f'{TURNING} {width}')}")
    marked = page.locator(f"#{add_idea(page, f'{width} {MARKS[:290]}')}")
    # The mark that turns what follows it round ends with its text: the card's parts stand where they stand.
    for part in (".item-title", "summary >> nth=0"):
        here, there = turning.locator(part).bounding_box(), plain.locator(part).bounding_box()
        assert here
        assert there
        assert abs(here["x"] - there["x"]) < 1, part
    for text in (TURNING, MARKS, "x" * 5_000):
        say(page, text)
        expect(page.locator("#composer-text")).to_have_value("")
        expect(page.locator(".message-sending")).to_have_count(0)
    rows = [marked, *page.locator("#messages > li").all()[-3:]]
    for row in rows:
        box = row.bounding_box()
        assert box
        assert box["height"] < MOST_ROW_PX
        assert box["x"] + box["width"] <= width
    assert not page.evaluate(IS_WIDE)


def test_a_name_that_turns_round_turns_only_itself(visit: Callable[..., Page]) -> None:
    """In the chat its time stays behind it, as for everybody."""
    page = visit("mina", anew=True)
    _call_oneself(page, "\u202eaniM")
    page.goto("/")
    open_project(page)
    say(page, "Who is it?")
    line = page.locator("#messages > li", has_text="Who is it?")
    for part in (".message-name", ".message-time"):
        expect(line.locator(part).first).to_be_visible()
    # Both at once: the message is drawn anew when it comes back.
    name, time = line.evaluate(BOXES)
    assert name["right"] <= time["left"]
    page.goto(f"{page.url}settings/")
    assert not page.evaluate(IS_WIDE)
    expect(page.locator(".person bdi", has_text="aniM").first).to_have_css("unicode-bidi", "isolate")
    _call_oneself(page, "Mina Rahimi")


def _call_oneself(page: Page, name: str) -> None:
    page.goto("/profile/")
    page.fill("#display_name", name)
    page.get_by_role("button", name="Save").click()
    # Chromium may hang for ever when it is closed while one page takes the place of another.
    expect(page.locator("#toasts")).to_contain_text("Saved.")


def test_a_title_of_300_emoji_can_be_typed(visit: Callable[..., Page]) -> None:
    """Lengths are counted the same everywhere: the browser, the server, the database."""
    page = open_project(visit("bob"))
    title = page.locator("#add-item-title")
    title.focus()
    page.keyboard.insert_text("🏮" * 301)
    with page.expect_response(lambda answer: answer.status == 422):
        title.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("at most 300 characters; this has 301")
    title.press("End")
    title.press("Backspace")
    title.press("Enter")
    card = page.locator("#exploring article.item", has_text="🏮" * 300)
    expect(card).to_be_visible()
    expect(title).to_have_value("")
    assert not page.evaluate(IS_WIDE)
