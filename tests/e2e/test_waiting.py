"""Who waits for whom: an answer in place frees items, and what waits for somebody is theirs to clear."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.api_program import Program
from tests.e2e.doing import MARSH, add_idea, expect_number, number, open_project
from tests.e2e.launch import PASSWORD

TITLE = "A boat for the ferry club"
ASKED = "Which wood shall the boat be of?"


def test_an_answer_in_place_frees_items(site: str, visit: Callable[..., Page]) -> None:
    """One click, by keyboard; the blocker goes with it, and its list of what ended says by what.

    The deadline is told by the server's clock: this browser's is two days ahead.
    """
    ann = Program.signed_in(site, "ann@example.org", PASSWORD)
    project = f"/projects/{ann.call('POST', '/projects', {'title': TITLE})['id']}"
    token = ann.call("POST", f"{project}/agent-tokens", {"name": "Wright", "agentType": "BoatWright"})[
        "token"
    ]
    items = [ann.call("POST", f"{project}/items", {"title": title})["id"] for title in ("Keel", "Mast")]
    now = dt.datetime.now(dt.UTC)
    closes = (now + dt.timedelta(hours=23, minutes=30)).isoformat()
    asking = {"text": ASKED, "blocks": items, "options": ["Oak", "Larch"], "expiresAt": closes}
    Program(site, token).call("POST", f"{project}/questions", asking)

    page = visit("ann")
    page.clock.install(time=now + dt.timedelta(days=2))
    page.clock.resume()
    open_project(page, TITLE)
    question = page.locator("#questions .question", has_text=ASKED)
    expect(question).to_contain_text("closes in 23 hours")
    expect(question.locator("time[data-soon]")).to_have_count(1)
    expect(question).to_contain_text("answering frees 2 items")
    expect(page.locator("#steps")).to_contain_text("answering frees 2 items")
    blocker = page.locator("#blockers .blocker", has_text=ASKED)
    expect(blocker).to_contain_text("waits for an answer")
    here = page.url
    for link in (
        page.locator("#steps").get_by_role("link", name=ASKED),
        blocker.get_by_role("link", name="Answer it"),
    ):
        # Its list is another page, but this one has it too.
        link.click()
        expect(question).to_be_in_viewport()
        assert page.url == f"{here}#{question.get_attribute('id')}"
    question.get_by_role("group", name=ASKED).get_by_role("button", name="Larch").press("Enter")
    expect(question).to_have_count(0)
    expect(blocker).to_have_count(0)
    expect(page.locator("#chat")).to_contain_text("Larch")
    page.goto(f"{here}blockers/?state=ended")
    row = page.locator(".blocker", has_text=ASKED)
    expect(row).to_contain_text("Cleared")
    expect(row).to_contain_text("by Ann Berg")
    expect(row).to_contain_text("answered")


def test_what_waits_for_bob_is_bobs(visit: Callable[..., Page]) -> None:
    """Ann says so on the item's page; it is on Bob's at once, on top, and leaves both when he did it."""
    ann, bob = open_project(visit("ann"), MARSH), open_project(visit("bob"), MARSH)
    questions = number(bob, "pending questions")
    card = add_idea(ann, "A hide by the reeds")
    project = ann.url
    ann.goto(f"{project}items/{card.removeprefix('item-')}/")
    ann.locator("#raise > summary").click()
    ann.get_by_label("What is in the way").fill("Ask the ranger for a key")
    ann.get_by_label("It waits for").select_option("Bob Okafor")
    ann.get_by_role("button", name="Raise").click()
    expect(ann.locator(".blocker", has_text="Ask the ranger")).to_contain_text("waits for Bob Okafor")
    ann.goto(project)

    mine = bob.locator("#questions .question").first
    expect(mine).to_contain_text("Ann Berg waits for you")
    expect(mine).to_contain_text("holds up 1 item")
    expect(bob.locator("#steps")).to_contain_text("Ann Berg waits for you: Ask the ranger for a key")
    mine.get_by_role("button", name="It’s done").click()
    for page in (bob, ann):
        expect(page.locator("#blockers .blocker", has_text="Ask the ranger")).to_have_count(0)
    expect(bob.locator("#questions")).not_to_contain_text("Ask the ranger")
    expect_number(bob, "pending questions", questions)
    expect(ann.locator("#announce")).to_have_text("1 blocker cleared")
