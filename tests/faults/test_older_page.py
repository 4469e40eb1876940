"""L07 in a browser: a page whose token is of an earlier sign-in says so, and goes on after a reload."""

from __future__ import annotations

from collections import Counter

from playwright.sync_api import expect

from tests.e2e.doing import add_idea, say, wait_until_live
from tests.faults.browsers import browsing, needs_chromium
from tests.faults.cases import case
from tests.faults.product import Product
from tests.faults.verdicts import Verdicts


@needs_chromium
@case("L07")
def test_a_page_of_an_earlier_sign_in_says_so_and_heals(product: Product, verdicts: Verdicts) -> None:
    """Signing in anew changes the token that all tabs share; this one's forms hold the old one."""
    stage = product.settle(people=1)
    (person,) = stage.people
    with browsing(person) as page:
        page.goto(stage.path(""))
        wait_until_live(page)
        statuses: Counter[int] = Counter()
        page.on(
            "response", lambda answer: statuses.update([answer.status] * (answer.request.method == "POST"))
        )
        page.context.add_cookies(
            [{"name": "csrftoken", "value": "a" * 32, "url": f"http://127.0.0.1:{person.port}"}]
        )
        text = "Written on the older page"
        say(page, text)
        expect(page.locator("#toasts")).to_contain_text("older than your sign-in")
        verdicts.only("its form was answered with", statuses, {403})
        said = "select count(*) from messages where project_id::text = %s and text = %s"
        verdicts.at_most("messages said by it", product.ask(said, stage.projects[0], text)[0][0], 0)
        verdicts.holds("the page says why", True)
        expect(page.locator("#composer-text")).to_have_value(text)
        page.reload()
        wait_until_live(page)
        expect(page.locator("#composer-text")).to_have_value(text)
        verdicts.holds("what was written is there after a reload", True)
        page.locator("#composer-text").press("Control+Enter")
        expect(page.locator("#messages .message-own:not(.message-sending)")).to_contain_text(text)
        add_idea(page, "An idea")
        verdicts.at_least("messages said after it", product.ask(said, stage.projects[0], text)[0][0], 1)
