"""The main job in a browser: come back, see where one left off, go on."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.doing import LIBRARY, MARSH, expect_number, number


def _open(page: Page, title: str) -> None:
    page.get_by_role("link", name=title).first.click()
    page.wait_for_url("**/projects/*/")


def test_coming_back_tells_when_what_and_what_next(visit: Callable[..., Page]) -> None:
    """After two days away Ann sees the absence, the counts, the steps and the blockers."""
    page = visit("ann")
    _open(page, LIBRARY)
    expect(page.locator("#header")).to_contain_text("You were here 2 days ago")
    expect(page.locator(".door", has_text="Decided since last")).to_contain_text("6 while away")
    assert number(page, "Pending questions") >= 2
    expect(page.locator("#steps")).to_contain_text("High")
    expect(page.locator("#blockers")).to_contain_text("Decision needed")
    expect(page.locator("#changes")).to_contain_text("ClarificationAgent")


def test_deciding_moves_the_item_and_keeps_a_draft(visit: Callable[..., Page]) -> None:
    """The counts follow at once, and what was being typed elsewhere on the page is still there."""
    page = visit("ann")
    _open(page, LIBRARY)
    decided, exploring = number(page, "Decided since last"), number(page, "Exploring")
    page.locator("#composer-text").fill("half a thought")
    card = page.locator("article.item", has_text="Printing at cost price")
    card.locator("summary", has_text="Decide").click()
    card.locator("textarea[name=reason]").first.fill("Ten cents a page, honesty box.")
    card.locator("details[open]").get_by_role("button", name="Decide").click()
    expect_number(page, "Exploring", exploring - 1)
    expect_number(page, "Decided since last", decided + 1)
    expect(page.locator("#decided")).to_contain_text("Ten cents a page, honesty box.")
    expect(page.locator("#composer-text")).to_have_value("half a thought")
    expect(page.locator("#announce")).to_contain_text("Decided")


def test_answering_a_question_says_it_in_the_chat(visit: Callable[..., Page]) -> None:
    page = visit("ann")
    _open(page, LIBRARY)
    pending = number(page, "Pending questions")
    question = page.locator("#questions form.question-form").last
    question.locator("textarea").fill("Yes, on paper since Monday.")
    question.get_by_role("button", name="Answer").click()
    expect(page.locator("#chat")).to_contain_text("Yes, on paper since Monday.")
    expect_number(page, "Pending questions", pending - 1)


def test_adding_empties_the_field_and_a_refusal_does_not(visit: Callable[..., Page]) -> None:
    """What was accepted is on the page; what was refused is still in the field, with the reason."""
    page = visit("bob")
    _open(page, LIBRARY)
    page.locator("#add-item-title").fill("Chairs for the choir")
    page.locator("#add-item-title").press("Enter")
    expect(page.locator("#exploring")).to_contain_text("Chairs for the choir")
    expect(page.locator("#add-item-title")).to_have_value("")
    # The browser holds nothing to its length, for it counts other units; the server says what is too long.
    page.locator("#add-item-title").fill("long " * 100)
    with page.expect_response(lambda response: response.status == 422):
        page.locator("#add-item-title").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("at most 300 characters")
    expect(page.locator("#add-item-title")).to_have_value("long " * 100)


def test_everything_works_without_javascript(visit: Callable[..., Page]) -> None:
    """Reading, deciding and talking are plain forms."""
    page = visit("bob", java_script_enabled=False)
    _open(page, MARSH)
    card = page.locator("#exploring article.item").first
    title = card.locator(".item-title").inner_text()
    # Its verbs are on its own page.
    card.locator("summary").filter(visible=True).click()
    card.get_by_role("link", name="What can be done with it").click()
    page.locator("summary", has_text="Decide").click()
    page.locator("details[open] textarea[name=reason]").fill("It has waited long enough.")
    page.locator("details[open]").get_by_role("button", name="Decide").click()
    page.get_by_role("navigation", name="You are here").get_by_role("link", name=MARSH).click()
    expect(page.locator("#decided")).to_contain_text(title)
    expect(page.locator("#decided")).to_contain_text("It has waited long enough.")
    page.locator("#composer-text").fill("Decided, see above.")
    page.locator("#chat").get_by_role("button", name="Send").click()
    expect(page.locator("#chat")).to_contain_text("Decided, see above.")


def test_a_phone_never_scrolls_sideways(visit: Callable[..., Page]) -> None:
    page = visit("ann", viewport={"width": 360, "height": 740})
    _open(page, LIBRARY)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
