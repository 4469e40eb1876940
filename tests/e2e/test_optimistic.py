"""One's own acts are on the page before the server has answered, and go back when it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.doing import MARSH, Held, add_idea, expect_number, number, open_project, open_verb, say

MESSAGES = "**/messages/"
# Counts the lines with a text after each change of the chat: a flicker would be two.
COUNT_LINES = """text => {
  const list = document.getElementById("messages"), seen = []
  const count = () => seen.push([...list.children].filter(line => line.textContent.includes(text)).length)
  new MutationObserver(count).observe(list, {childList: true, subtree: true, attributes: true})
  window.seenLines = seen
}"""


def test_a_message_is_there_at_once_and_only_once(visit: Callable[..., Page]) -> None:
    """It is marked while it is sent; the server's line takes its place; the field is ready again."""
    page = open_project(visit("bob"))
    held = Held(page, MESSAGES)
    page.evaluate(COUNT_LINES, "First of its kind")
    say(page, "First of its kind\nwith a second line")
    line = page.locator("#messages > li").last
    expect(line).to_contain_text("First of its kind")
    expect(line).to_contain_text("sending…")
    expect(page.locator("#composer-text")).to_have_value("")
    expect(page.locator("#composer-text")).to_be_focused()
    held.wait().continue_()
    expect(line).not_to_contain_text("sending…")
    expect(page.locator("#announce")).to_have_text("Said.")
    assert max(page.evaluate("window.seenLines")) == 1
    expect(page.locator("#messages [data-arrived]")).to_have_count(0)


def test_an_answer_that_a_push_has_overtaken_changes_nothing_back(visit: Callable[..., Page]) -> None:
    """The push shows one's own message first, and then news; the late answer is older than that."""
    ann, bob = open_project(visit("ann")), open_project(visit("bob"))
    held = Held(ann, MESSAGES)
    ann.evaluate(COUNT_LINES, "Overtaken on the way")
    say(ann, "Overtaken on the way")
    late = held.wait()
    answer = late.fetch()
    expect(ann.locator(".message-sending")).to_have_count(0)
    card = add_idea(bob, "Quicker than the answer")
    expect(ann.locator(f"#{card}")).to_be_visible()
    shown = ann.locator("#main").get_attribute("data-version")
    late.fulfill(response=answer)
    expect(ann.locator("#announce")).to_have_text("Said.")
    expect(ann.locator(f"#{card}")).to_be_visible()
    assert ann.locator("#main").get_attribute("data-version") == shown
    assert max(ann.evaluate("window.seenLines")) == 1


def test_a_lost_answer_is_no_refusal_once_the_message_is_there(visit: Callable[..., Page]) -> None:
    page = open_project(visit("ann", faults=True))
    held = Held(page, MESSAGES)
    say(page, "Heard but not answered")
    late = held.wait()
    late.fetch()
    line = page.locator("#messages > .message-own:not(.message-sending)", has_text="Heard but not answered")
    expect(line).to_have_count(1)
    with page.expect_event("requestfailed"):
        late.abort()
    page.unroute(MESSAGES)
    say(page, "Answered again")
    expect(page.locator("#announce")).to_have_text("Said.")
    expect(page.locator("#toasts .toast")).to_have_count(0)
    expect(page.locator("#composer-text")).to_have_value("")
    expect(line).to_have_count(1)


def test_messages_sent_quickly_keep_their_order(visit: Callable[..., Page]) -> None:
    page = open_project(visit("bob"))
    for word in ("one of three", "two of three", "three of three"):
        say(page, word)
    lines = page.locator("#messages > .message-own:not(.message-sending)", has_text="of three")
    expect(lines).to_have_count(3)
    expect(lines).to_contain_text(["one of three", "two of three", "three of three"])
    expect(page.locator(".message-sending")).to_have_count(0)


def test_a_message_that_cannot_be_sent_comes_back(visit: Callable[..., Page]) -> None:
    """Neither it is lost, nor what was begun after it."""
    page = open_project(visit("bob", faults=True))
    held = Held(page, MESSAGES)
    say(page, "This one does not get through")
    page.locator("#composer-text").press_sequentially("and the next")
    held.wait().abort()
    expect(page.locator("#toasts")).to_contain_text("No connection")
    expect(page.locator("#composer-text")).to_have_value("This one does not get through\nand the next")
    expect(page.locator("#messages")).not_to_contain_text("does not get through")
    page.unroute(MESSAGES)
    page.locator("#composer-text").press("Control+Enter")
    expect(page.locator("#messages > li").last).to_contain_text("and the next")
    expect(page.locator(".message-sending")).to_have_count(0)


def test_a_decision_moves_the_card_at_once(visit: Callable[..., Page]) -> None:
    """The counts follow, focus goes on to the next card, and the notice offers the way back."""
    page = open_project(visit("jonas"))
    card = add_idea(page, "A bell at the door")
    decided, exploring = number(page, "Decided since last"), number(page, "Exploring")
    held = Held(page, "**/decide/")
    open_verb(page, card, "decide")
    page.locator(f"#decide-{card[5:]}-reason").fill("People knock and nobody hears.")
    page.locator(f"#{card} details[open]").get_by_role("button", name="Decide").press("Enter")
    expect(page.locator(f"#decided #{card}")).to_be_visible()
    expect(page.locator(f"#exploring #{card}")).to_have_count(0)
    expect_number(page, "Decided since last", decided + 1)
    expect_number(page, "Exploring", exploring - 1)
    expect(page.locator("#exploring article.item").first.locator("a").first).to_be_focused()
    held.wait().continue_()
    expect(page.locator(f"#decided #{card}")).to_contain_text("People knock and nobody hears.")
    expect(page.locator(f"#{card}[data-waiting]")).to_have_count(0)
    expect_number(page, "Decided since last", decided + 1)
    page.locator("#toasts").get_by_role("button", name="Explore again").click()
    expect(page.locator(f"#exploring #{card}")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text("open again")
    expect(page.locator(f"#{card} a").first).to_be_focused()


def test_a_refused_decision_goes_back_with_its_words(visit: Callable[..., Page]) -> None:
    page = open_project(visit("jonas", faults=True))
    before = add_idea(page, "Under the stairs")
    card = add_idea(page, "On top of the stairs")
    exploring = number(page, "Exploring")
    page.route("**/decide/", lambda route: route.fulfill(status=500, body="broken"))
    open_verb(page, card, "decide")
    reason = page.locator(f"#decide-{card[5:]}-reason")
    reason.fill("Because it is dry there.")
    reason.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("That did not work just now")
    cards = page.locator("#exploring > [data-page] article.item")
    expect(cards.nth(0)).to_have_id(card)
    expect(cards.nth(1)).to_have_id(before)
    expect(page.locator(f"#{card}[data-waiting]")).to_have_count(0)
    expect(reason).to_be_visible()
    expect(reason).to_have_value("Because it is dry there.")
    expect(reason).to_be_focused()
    expect_number(page, "Exploring", exploring)


def test_a_refused_reason_is_in_its_field_also_when_the_form_was_put_away(
    visit: Callable[..., Page],
) -> None:
    """Meanwhile the card was decided, and is explored again: its verbs were not opened since."""
    ann, bob = open_project(visit("ann", faults=True), MARSH), open_project(visit("bob"), MARSH)
    card = add_idea(ann, "A page for the toad")
    held = Held(ann, "**/park/")
    open_verb(ann, card, "park")
    reason = ann.locator(f"#park-{card[5:]}-reason")
    reason.fill("Not before the rain")
    ann.locator(f"#{card} details[open]").get_by_role("button", name="Park").click()
    for verb, button, column in (("decide", "Decide", "decided"), ("explore", "Explore again", "exploring")):
        open_verb(bob, card, verb)
        bob.locator(f"#{card} details[open]").get_by_role("button", name=button).click()
        expect(bob.locator(f"#{column} #{card}:not([data-waiting])")).to_be_visible()
        version = bob.locator("#main").get_attribute("data-version") or ""
        expect(ann.locator("#main")).to_have_attribute(
            "data-version", re.compile(rf"^{version.split('.')[0]}\.")
        )
    held.wait().fulfill(status=503, body="later")
    expect(reason).to_have_value("Not before the rain")
    expect(ann.locator("#toasts textarea")).to_have_count(0)


@pytest.mark.parametrize("author", ["ann", "bob"])
def test_what_others_do_meanwhile_does_not_undo_it(visit: Callable[..., Page], author: str) -> None:
    """A push that knows nothing of the decision yet leaves the card where one put it.

    A card that one was pushed oneself comes in it as a stub, one's own as a whole.
    """
    people = {name: open_project(visit(name), MARSH) for name in ("ann", "bob")}
    ann, bob = people["ann"], people["bob"]
    card = add_idea(people[author], f"A page for the otter of {author}")
    expect(ann.locator(f"#exploring #{card}")).to_be_visible()
    exploring = number(ann, "Exploring")
    held = Held(ann, "**/park/")
    open_verb(ann, card, "park")
    ann.locator(f"#{card} details[open]").get_by_role("button", name="Park").click()
    expect(ann.locator(f"#parked #{card}")).to_be_visible()
    other = add_idea(bob, f"A page for the heron of {author}")
    expect(ann.locator(f"#exploring #{other}")).to_be_visible()
    expect(ann.locator(f"#parked #{card}")).to_be_visible()
    expect(ann.locator(f"#exploring #{card}")).to_have_count(0)
    expect_number(ann, "Exploring", exploring)
    held.wait().continue_()
    expect(ann.locator(f"#{card}[data-waiting]")).to_have_count(0)
    expect(ann.locator(f"#parked #{card}")).to_be_visible()


def test_an_answered_question_goes_at_once_and_back_with_the_answer(visit: Callable[..., Page]) -> None:
    page = open_project(visit("mina", faults=True))
    pending = number(page, "Pending questions")
    question = page.locator("#questions .question").last
    subject = question.get_attribute("id")
    field = page.locator(f"#{subject}-answer")
    held = Held(page, "**/answer/")
    field.fill("Ask me on Friday.")
    field.press("Control+Enter")
    expect(page.locator(f"#{subject}")).to_be_hidden()
    expect_number(page, "Pending questions", pending - 1)
    held.wait().fulfill(status=503, body="later")
    expect(page.locator(f"#{subject}")).to_be_visible()
    expect(field).to_have_value("Ask me on Friday.")
    expect_number(page, "Pending questions", pending)
    page.unroute("**/answer/")
    field.press("Control+Enter")
    expect(page.locator("#chat")).to_contain_text("Ask me on Friday.")
    expect(page.locator(f"#{subject}")).to_have_count(0)
    expect_number(page, "Pending questions", pending - 1)


def test_a_snoozed_step_goes_at_once_and_comes_back_by_undo(visit: Callable[..., Page]) -> None:
    page = open_project(visit("mina"))
    step = page.locator("#steps .step[id]").first
    subject = step.get_attribute("id") or ""
    held = Held(page, "**/steps/snooze/")
    step.locator("summary").click()
    step.get_by_role("button", name="For 1 week").click()
    expect(page.locator(f'[id="{subject}"]')).to_be_hidden()
    held.wait().continue_()
    expect(page.locator("#toasts")).to_contain_text("Snoozed.")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(f'[id="{subject}"]')).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text("It is back.")


def test_two_clicks_are_one_act(visit: Callable[..., Page]) -> None:
    page = open_project(visit("jonas"))
    card = add_idea(page, "Clicked twice")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/park/" in request.url else None)
    open_verb(page, card, "park")
    page.locator(f"#{card} details[open]").get_by_role("button", name="Park").dblclick()
    expect(page.locator("#announce")).to_have_text("Parked “Clicked twice”.")
    assert len(sent) == 1
