"""The end of a session in a browser: the draft, the note, and who finds it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations
from tests.e2e.doing import LIBRARY, add_idea, open_project, open_verb
from tests.e2e.launch import HOME


@pytest.mark.slow
def test_a_note_left_at_the_end_is_found_by_who_comes_next(visit: Callable[..., Page]) -> None:
    """By one who is there already at once, by another on coming back; its author finds it in the history."""
    mina, bob = visit("mina"), visit("bob")
    open_project(mina, LIBRARY)
    open_project(bob, LIBRARY)
    card = add_idea(bob, "Draw the sundew")
    open_verb(bob, card, "decide")
    bob.locator(f"#{card} textarea[name=reason]").first.fill("It eats flies")
    bob.locator(f"#{card} details[open]").get_by_role("button", name="Decide").click()
    expect(bob.locator("#decided")).to_contain_text("Draw the sundew")
    bob.locator("#project-menu > summary").click()
    bob.get_by_role("link", name="I’m done for now").click()
    note = bob.get_by_label("Your note")
    assert "Draw the sundew (It eats flies)" in note.input_value()
    expect(bob.locator(".changes")).to_contain_text("Draw the sundew")
    assert violations(bob) == []
    note.fill("The sundew is decided.\nNext: who paints it?")
    bob.get_by_role("button", name="Leave the note and end").click()
    bob.wait_for_url(HOME)
    expect(bob.locator("#toasts")).to_contain_text("Your note is left")

    expect(mina.locator("#header")).to_contain_text("left a note")
    expect(mina.locator("#header")).to_contain_text("Next: who paints it?")
    expect(mina.locator("#announce")).to_contain_text("1 new note")
    assert violations(mina) == []

    jonas = visit("jonas", java_script_enabled=False, viewport={"width": 390, "height": 844})
    jonas.get_by_role("link", name=LIBRARY).first.click()
    expect(jonas.locator("#header")).to_contain_text("Next: who paints it?")
    jonas.locator("#project-menu > summary").click()
    jonas.get_by_role("link", name="I’m done for now").click()
    jonas.get_by_role("button", name="End without a note").click()
    jonas.goto("/")
    jonas.get_by_role("link", name=LIBRARY).first.click()
    expect(jonas.locator("#header")).not_to_contain_text("Next: who paints it?")

    bob.get_by_role("link", name=LIBRARY).first.click()
    bob.locator("#project-menu > summary").click()
    bob.get_by_role("link", name="Sessions").click()
    mine = bob.locator(".session", has_text="The note left at its end").first
    mine.get_by_role("link", name="As it ended").click()
    expect(bob.get_by_role("heading", level=1)).to_contain_text("As it was on")
    expect(bob.locator("main")).to_contain_text("Next: who paints it?")
    assert violations(bob) == []
