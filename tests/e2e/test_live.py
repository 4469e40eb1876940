"""Two people at one project: what one does is on the other's page, and takes nothing away there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import running
from tests.e2e.doing import MARSH, add_idea, expect_number, number, open_project, open_verb, say

# The focused field, its text, and what is selected in it.
FOCUS = """() => {
  const {id, value, selectionStart, selectionEnd} = document.activeElement
  return [id, value, selectionStart, selectionEnd]
}"""
# To the pixel; scrolling goes by fractions of one. The browser holds a place by the next frame.
PLACE = "() => document.getElementById('parked-title').getBoundingClientRect().top"
IS_AT = f"place => Math.abs(({PLACE})() - place) <= 1"
# The wheel scrolls smoothly: until the chat has moved, and then stands still for some frames.
SCROLLED = """async () => {
  const box = document.getElementById("chat-scroll")
  for (let calm = 0, before = 0; calm < 5 || box.scrollTop === 0;) {
    await new Promise(requestAnimationFrame)
    calm = box.scrollTop === before ? calm + 1 : 0
    before = box.scrollTop
  }
}"""


def test_what_one_does_the_other_sees(visit: Callable[..., Page]) -> None:
    """A message and a decision: shown, softly marked, and said in words, without a reload."""
    ann, bob = open_project(visit("ann")), open_project(visit("bob"))
    say(ann, "The paint is dry")
    message = bob.locator("#messages > li", has_text="The paint is dry")
    expect(message).to_be_visible()
    expect(message).to_have_attribute("data-arrived", "seen")
    expect(bob.locator("#announce")).to_have_text("1 new message")
    card = add_idea(ann, "A bench for waiting")
    expect(bob.locator(f"#exploring #{card}")).to_have_attribute("data-arrived", "unseen")
    decided = number(bob, "Exploring")
    open_verb(ann, card, "decide")
    ann.locator(f"#{card} details[open]").get_by_role("button", name="Decide").click()
    expect(bob.locator(f"#decided #{card}")).to_be_visible()
    expect(bob.locator("#announce")).to_have_text("1 new decision")
    expect_number(bob, "Exploring", decided - 1)
    # One's own act is no news to oneself.
    expect(ann.locator("[data-arrived]")).to_have_count(0)
    expect(ann.locator("#announce")).to_have_text("Decided “A bench for waiting”.")


def test_two_tabs_of_one_person_show_the_same(visit: Callable[..., Page]) -> None:
    one = open_project(visit("bob"))
    other = one.context.new_page()
    other.goto(one.url)
    say(one, "From the other tab")
    line = other.locator("#messages > .message-own", has_text="From the other tab")
    expect(line).to_have_count(1)
    expect(other.locator(".message-own[data-arrived]")).to_have_count(0)
    expect(other.locator("#presence li")).to_have_count(0)


def test_typing_goes_on_while_the_other_acts(visit: Callable[..., Page]) -> None:
    """Focus, caret, selection, open menus, half-written texts and the page's place stay."""
    ann, bob = open_project(visit("ann"), MARSH), open_project(visit("bob"), MARSH)
    mine = add_idea(ann, "Written by two hands")
    open_verb(ann, mine, "park")
    ann.locator(f"#park-{mine[5:]}-reason").fill("Not before the reeds are cut")
    ann.locator("#add-item-title").fill("Half an idea")
    field = ann.locator("#composer-text")
    field.fill("Half a message")
    field.evaluate("field => field.setSelectionRange(2, 6)")
    ann.locator("#project-menu summary").dispatch_event("click")
    ann.locator("#items").evaluate("panel => panel.scrollIntoView({block: 'start', behavior: 'instant'})")
    before, place = ann.evaluate(FOCUS), ann.evaluate(PLACE)
    card = add_idea(bob, "Reeds and rushes")
    open_verb(bob, card, "park")
    bob.locator(f"#{card} details[open]").get_by_role("button", name="Park").click()
    say(bob, "Look at the reeds")
    expect(ann.locator(f"#parked #{card}")).to_be_visible()
    expect(ann.locator("#chat")).to_contain_text("Look at the reeds")
    assert ann.evaluate(FOCUS) == before
    ann.wait_for_function(IS_AT, arg=place)
    expect(ann.locator("#add-item-title")).to_have_value("Half an idea")
    expect(ann.locator(f"#park-{mine[5:]}-reason")).to_have_value("Not before the reeds are cut")
    expect(ann.locator(f"#park-{mine[5:]}")).to_have_attribute("open", "")
    expect(ann.locator("#project-menu")).to_have_attribute("open", "")


def test_a_text_whose_field_goes_away_is_kept(visit: Callable[..., Page]) -> None:
    """The other parks what one was about to decide: what was written is shown beside the page."""
    ann, bob = open_project(visit("ann"), MARSH), open_project(visit("bob"), MARSH)
    card = add_idea(ann, "Decided by whom")
    expect(bob.locator(f"#{card}")).to_be_visible()
    open_verb(ann, card, "decide")
    ann.locator(f"#decide-{card[5:]}-reason").fill("A reason that took an hour")
    open_verb(bob, card, "park")
    bob.locator(f"#{card} details[open]").get_by_role("button", name="Park").click()
    expect(ann.locator(f"#parked #{card}")).to_be_visible()
    expect(ann.locator("#toasts textarea")).to_have_value("A reason that took an hour")
    # The answer to a verb brings its own notice, beside it.
    say(ann, "What about it?")
    expect(ann.locator("#announce")).to_have_text("Said.")
    expect(ann.locator("#toasts textarea")).to_have_value("A reason that took an hour")
    ann.locator("#toasts").get_by_role("button", name="Close").click()
    expect(ann.locator("#toasts .toast")).to_have_count(0)


def test_the_chat_stays_where_one_reads(visit: Callable[..., Page]) -> None:
    """At the newest message it follows; further up it stays, and a button leads down."""
    ann, bob = open_project(visit("ann")), open_project(visit("bob"))
    box, button = ann.locator("#chat-scroll"), ann.locator("#chat-newest")
    say(bob, "First\n\nof\n\nall")
    expect(box).to_contain_text("First")
    assert box.evaluate("box => box.scrollTop") == 0
    expect(button).to_be_hidden()
    box.hover()
    ann.mouse.wheel(0, -300)
    top_of_one = """() => {
      const box = document.getElementById("chat-scroll").getBoundingClientRect()
      const all = [...document.querySelectorAll("#messages > .message")]
      const first = all.find(each => each.getBoundingClientRect().top > box.top)
      return [first.id, first.getBoundingClientRect().top]
    }"""
    ann.evaluate(SCROLLED)
    before = ann.evaluate(top_of_one)
    say(bob, "And then\n\nsome\n\nmore")
    expect(button).to_be_visible()
    message, top = ann.evaluate(top_of_one)
    assert (message, top) == (before[0], pytest.approx(before[1], abs=2))
    button.click()
    expect(ann.locator("#messages > li").last).to_be_in_viewport()
    expect(button).to_be_hidden()


def test_a_grown_list_stays_grown(visit: Callable[..., Page], data_dir: Path, tmp_path: Path) -> None:
    """The import of another process is on the open page; "show more" is kept through the next change."""
    page = open_project(visit("bob"), MARSH)
    log = running.work_log(tmp_path / "work.jsonl", 60)
    exploring = number(page, "Exploring")
    arguments = ("--project", MARSH, "--owner", "bob@example.org")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    running.manage(data_dir, "import_project", str(log), *arguments)
    expect_number(page, "Exploring", exploring + 20)
    assert asked == [], "it was pushed"
    expect(page.locator("#exploring")).to_contain_text("Idea number")
    page.locator("#exploring-more").get_by_role("link", name="Show more").click()
    expect(page.locator("#exploring article.item")).to_have_count(20)
    add_idea(page, "One on top")
    expect(page.locator("#exploring article.item")).to_have_count(21)


def test_who_is_here(visit: Callable[..., Page]) -> None:
    """Others are named while their page is open, and soon not any more."""
    ann = open_project(visit("ann"))
    expect(ann.locator("#presence")).not_to_contain_text("Ann Berg")
    jonas = open_project(visit("jonas"))
    expect(ann.locator("#presence")).to_contain_text("Jonas Weiss")
    expect(jonas.locator("#presence")).to_contain_text("Ann Berg")
    jonas.goto("/")
    expect(ann.locator("#presence")).not_to_contain_text("Jonas Weiss")
