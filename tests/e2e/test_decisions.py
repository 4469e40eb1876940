"""Decisions that are contested, items that are parked until another one is decided: seen by two at once."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.doing import MARSH, add_idea, open_project, open_verb


def test_a_contested_decision_is_asked_and_reopened_by_another(visit: Callable[..., Page]) -> None:
    ann, bob = open_project(visit("ann"), MARSH), open_project(visit("bob"), MARSH)
    card = add_idea(bob, "Boardwalk of larch")
    open_verb(bob, card, "decide")
    bob.locator(f"#{card} form[action$='decide/']").get_by_role("button", name="Decide").click()
    shown = ann.locator(f"#decided #{card}")
    expect(shown).to_be_visible()
    open_verb(ann, card, "contest")
    form = shown.locator("form[action$='contest/']")
    form.get_by_label("Why it should not stand").fill("Larch rots here")
    form.get_by_role("button", name="Contest").click()
    expect(form).to_be_hidden()
    expect(bob.locator(f"#{card}")).to_contain_text("contests it: Larch rots here")
    question = bob.locator(".question", has_text="contests the decision “Boardwalk of larch”")
    question.get_by_role("button", name="Reopen it").click()
    for page in (ann, bob):
        expect(page.locator(f"#exploring #{card}")).to_be_visible()
        expect(page.locator(".question", has_text="Boardwalk of larch")).to_have_count(0)


def test_an_item_wakes_with_the_decision_it_waits_for(visit: Callable[..., Page]) -> None:
    ann = open_project(visit("ann"), MARSH)
    first = add_idea(ann, "Gravel for the path")
    second = add_idea(ann, "Bench beside the path")
    open_verb(ann, second, "park")
    form = ann.locator(f"#{second} form[action$='park/']")
    form.get_by_text("Or wake it up otherwise").click()
    form.get_by_label("When this is decided").fill("Gravel for the path")
    form.get_by_role("button", name="Park").click()
    parked = ann.locator(f"#parked #{second}")
    expect(parked).to_contain_text("Wakes up when Gravel for the path is decided")
    open_verb(ann, first, "decide")
    ann.locator(f"#{first} form[action$='decide/']").get_by_role("button", name="Decide").click()
    expect(parked).to_contain_text("was decided: woke up")
