"""An outside agent asks by API; a person answers in the page; the agent hears it in two ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.api_program import Program
from tests.e2e.doing import add_idea, expect_number, open_project
from tests.e2e.launch import PASSWORD
from tests.outgoing.receiver import Receiver, is_signed, receiving
from tests.waiting import wait_until

AGENT = "VenueScout"
TITLE = "Rooms for the winter school"
ASKED = "May the room cost more than 300 for the weekend?"
ANSWERED = "Up to 450, if there is a kitchen."


def heard(receiver: Receiver, kind: str) -> Any:
    """The first delivery of that kind, once it came."""
    wait_until(lambda: kind in receiver.events())
    return next(request for request in receiver.got if request.json["type"] == kind)


def test_an_answer_in_the_page_frees_the_agent(site: str, visit: Callable[..., Page]) -> None:
    ann = Program.signed_in(site, "ann@example.org", PASSWORD)
    project = f"/projects/{ann.call('POST', '/projects', {'title': TITLE})['id']}"
    agent = Program(
        site, ann.call("POST", f"{project}/agent-tokens", {"name": "Scout", "agentType": AGENT})["token"]
    )
    page = open_project(visit("ann"), TITLE)
    page.evaluate("window.neverReloaded = true")
    item = add_idea(page, "Rent the mill").removeprefix("item-")
    with receiving() as receiver:
        secret = ann.call("POST", f"{project}/webhooks", {"url": receiver.url, "agentType": AGENT})["secret"]
        assert agent.call("GET", f"{project}/briefing")["answers"]["rows"] == []
        agent.call("POST", f"{project}/questions", {"text": ASKED, "blocks": [item]})

        question = page.locator("#questions .question", has_text=ASKED)
        expect(question).to_be_visible()
        expect(question).to_contain_text(AGENT)
        expect(question).to_contain_text("frees 1 item")
        blocker = page.locator("#blockers", has_text=ASKED)
        expect(blocker).to_be_visible()
        expect_number(page, "pending questions", 1)
        assert len(ann.call("GET", f"/sessions/blockers/{project.rpartition('/')[2]}")) == 1

        question.locator("textarea").fill(ANSWERED)
        question.get_by_role("button", name="Answer").click()
        expect(question).to_have_count(0)
        expect(blocker).to_have_count(0)
        assert page.evaluate("window.neverReloaded") is True

        delivery = heard(receiver, "question.answered")
    assert is_signed(delivery, secret)
    told = delivery.json["data"]["question"]
    assert (told["text"], told["answer"], told["answeredBy"]) == (ASKED, ANSWERED, "Ann Berg")
    briefing = agent.call("GET", f"{project}/briefing")
    assert [(each["question"], each["answer"]) for each in briefing["answers"]["rows"]] == [(ASKED, ANSWERED)]
    assert (briefing["openQuestions"]["rows"], briefing["blockers"]["rows"]) == ([], [])
    assert ann.call("GET", f"/sessions/blockers/{project.rpartition('/')[2]}") == []
