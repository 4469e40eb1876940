"""The verbs of a card: their forms come when they are opened, and stay with what is typed in them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.e2e.doing import MARSH, add_idea, open_project, open_verb


def test_every_verb_of_a_card(visit: Callable[..., Page]) -> None:
    page = open_project(visit("bob"), MARSH)
    card = add_idea(page, "A page for the wagtail")
    _do(page, card, "park", "Park", "Parked “A page for the wagtail”.")
    _do(page, card, "explore", "Explore again", "“A page for the wagtail” is open again.")
    _do(page, card, "decide", "Decide", "Decided “A page for the wagtail”.")
    open_verb(page, card, "contest")
    page.locator(f"#contest-{card[5:]}-reason").fill("It has no tail.")
    _send(page, card, "Contest", "Contested “A page for the wagtail”.")
    _do(page, card, "confirm", "It stands", "“A page for the wagtail” stands.")
    _do(page, card, "menu", "Delete", "Deleted.")
    expect(page.locator(f"#{card}")).to_have_count(0)


def test_one_verb_of_a_card_is_open_at_a_time(visit: Callable[..., Page]) -> None:
    page = open_project(visit("bob"), MARSH)
    card = add_idea(page, "A page for the teal")
    for verb in ("decide", "park", "menu"):
        open_verb(page, card, verb)
        expect(page.locator(f"#{card} details.verb[open]")).to_have_id(f"{verb}-{card[5:]}")


def test_what_was_typed_in_a_verb_is_there_after_a_reload(visit: Callable[..., Page]) -> None:
    page = open_project(visit("mina"))
    card = add_idea(page, "A shelf for maps")
    open_verb(page, card, "decide")
    reason = page.locator(f"#decide-{card[5:]}-reason")
    reason.fill("Half a rea")
    page.reload()
    expect(reason).to_be_visible()
    expect(reason).to_have_value("Half a rea")


def _do(page: Page, card: str, verb: str, button: str, said: str) -> None:
    open_verb(page, card, verb)
    _send(page, card, button, said)


def _send(page: Page, card: str, button: str, said: str) -> None:
    _open(page, card).get_by_role("button", name=button).click()
    expect(page.locator("#announce")).to_have_text(said)


def _open(page: Page, card: str) -> Locator:
    return page.locator(f"#{card} details.verb[open] > [data-verb]")
