"""I03: a sign-in ends while a page is open, polls and has a socket: it leads to sign-in, without a storm."""

from __future__ import annotations

import re
import time
from itertools import pairwise

from playwright.sync_api import Page, Route, expect

from tests.e2e.doing import wait_until_live
from tests.faults.browsers import browsing, needs_chromium
from tests.faults.cases import case
from tests.faults.product import Product, Stage
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts

pytestmark = [needs_chromium, case("I03")]
SIGN_IN = re.compile(r"/account/login/\?next=/projects/")
SIGNED_OUT = 4401
# Notes each close code, and whether a sign-in form was ever in the page of the project.
WATCH = """() => {
  window.watched = {codes: [], forms: 0}
  document.addEventListener("htmx:ws:close", ({detail}) => {
    watched.codes.push(detail.code)
    sessionStorage.setItem("codes", JSON.stringify(watched.codes))
  })
  new MutationObserver(() => {
    if (document.querySelector("[name=password]")) sessionStorage.setItem("form", "was there")
  }).observe(document.body, {childList: true, subtree: true})
}"""


def _opened(page: Page, stage: Stage) -> list[float]:
    """Open the project; returns the moments of tries to open a socket from then on."""
    page.goto(stage.path(""))
    wait_until_live(page)
    page.evaluate(WATCH)
    tries: list[float] = []
    page.on("websocket", lambda _: tries.append(time.monotonic()))
    return tries


def _noted(page: Page, key: str) -> str | None:
    noted: str | None = page.evaluate("key => sessionStorage.getItem(key)", key)
    return noted


def test_the_page_leads_to_sign_in(product: Product, verdicts: Verdicts) -> None:
    """Signed out in another tab: the socket is closed with 4401, the page asks once and goes there."""
    stage = product.settle(people=1)
    (person,) = stage.people
    with browsing(person) as page:
        tries = _opened(page, stage)
        refusals: list[tuple[int, bool]] = []
        page.on(
            "response",
            lambda answer: (
                refusals.append((answer.status, "hx-redirect" in answer.headers))
                if "/refresh/" in answer.url
                else None
            ),
        )
        page.locator("#composer-text").fill("not sent yet")
        status, _ = person.post("/account/logout/")
        assert status == 302, status
        ended = time.monotonic()
        page.wait_for_url(SIGN_IN)
        verdicts.at_most("the page is at the sign-in after", time.monotonic() - ended, 5, "s")
        verdicts.only("what it asked was answered (status, HX-Redirect)", set(refusals), {(401, True)})
        verdicts.holds(
            "socket closed with 4401", f"{SIGNED_OUT}" in (_noted(page, "codes") or ""), _noted(page, "codes")
        )
        verdicts.holds("no sign-in form was ever in a panel", _noted(page, "form") is None)
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        verdicts.at_most("tries to open a socket again", len(tries), 1)


@sizes(11.0, 60.0)
def test_a_page_that_cannot_ask_why_makes_no_storm(product: Product, size: float, verdicts: Verdicts) -> None:
    """The way to the sign-in is broken as well: it goes on asking, seldom, and not in step with others."""
    stage = product.settle(people=1)
    (person,) = stage.people
    with browsing(person) as page:
        tries, asked = _opened(page, stage), []

        def refuse(route: Route) -> None:
            asked.append(time.monotonic())
            route.abort()

        page.route("**/refresh/**", refuse)
        status, _ = person.post("/account/logout/")
        assert status == 302, status
        ended = time.monotonic()
        # Closed within 5 s, which the page says when it could not come back at once.
        expect(page.locator("#link")).to_be_visible(timeout=10_000)
        page.wait_for_timeout(size * 1_000)
        stretch = time.monotonic() - ended
        most = 1 + stretch / 5
        verdicts.at_most(f"sockets tried in {stretch:.0f} s", len(tries), most)
        # One at once, then one every 5 s, give or take a fifth.
        verdicts.at_most(f"questions asked in {stretch:.0f} s", len(asked), 1 + stretch / 4)
        gaps = [later - sooner for sooner, later in pairwise(asked)]
        verdicts.at_least("shortest pause between two", min(gaps), 3.5, "s")
        page.unroute("**/refresh/**")
        page.wait_for_url(SIGN_IN)
        verdicts.holds("once it can ask it leads to the sign-in", True)
