"""A push brings what a page lacks in pieces: it ends at what the server draws, as a page loaded anew does."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.e2e.doing import add_idea, open_project, open_verb, say

PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1280, "height": 900}
MOST_LOADS = 3

# What a page adds by itself, or is its own, is left out.
DRAWN = """panel => {
  const copy = panel.cloneNode(true)
  const added = ["data-arrived", "data-version", "hx-swap-oob", "tabindex", "role", "aria-label"]
  for (const each of [copy, ...copy.querySelectorAll("*")])
    for (const name of [...added, "data-htmx-powered"]) each.removeAttribute(name)
  for (const time of copy.querySelectorAll("time")) time.textContent = ""
  const html = copy.outerHTML.replace(/\\s+/g, " ").replace(/> </g, "><")
  return html.replace(/ class=""/g, "").replace(/ ?>/g, ">").replace(/ value="\\w{64}"/g, "")
}"""
# As if an answer had come that no push knows of, and something of it were wrong.
SPOIL = """() => {
  const items = document.getElementById("items")
  const [project, member] = document.getElementById("main").dataset.version.split(".")
  items.dataset.version = `${project}.${Number(member) + 1}`
  items.querySelector(".item-title a").textContent = "Spoiled"
}"""


# As if a script had put a card on the page twice.
DOUBLE = """() => {
  const row = document.querySelector("#exploring > [data-page] > li")
  row.after(row.cloneNode(true))
}"""


@pytest.mark.slow
def test_a_page_ends_at_what_is_drawn_anew(visit: Callable[..., Page]) -> None:
    """On a telephone and on a wide screen: by pieces, and as a whole where they do not fit."""
    pushes: list[str] = []
    pages = [visit("ann", viewport=viewport) for viewport in (PHONE, WIDE)]
    for page in pages:
        page.on("websocket", lambda socket: collect(socket, pushes))
        open_project(page)
    bob = open_project(visit("bob"))
    card = add_idea(bob, "A lamp for the reading corner")
    for page in pages:
        expect(page.locator(f"#exploring #{card}")).to_be_attached()
    open_verb(bob, card, "decide")
    bob.locator(f"#{card} details[open]").get_by_role("button", name="Decide").click()
    say(bob, "The lamp is decided")
    for page in pages:
        expect(page.locator(f"#decided #{card}")).to_be_attached()
        expect(page.locator("#messages")).to_contain_text("The lamp is decided")
        expect_as_drawn_anew(page)
    assert any("data-same" in push for push in pushes)
    pages[0].evaluate(SPOIL)
    add_idea(bob, "And a shade for it")
    for page in pages:
        expect(page.locator("#exploring")).to_contain_text("And a shade for it")
        expect(page.locator("#items")).not_to_contain_text("Spoiled")
        expect_as_drawn_anew(page)
    pages[1].evaluate(DOUBLE)
    add_idea(bob, "And a bulb")
    expect(pages[1].locator("#exploring")).to_contain_text("And a bulb")
    expect_as_drawn_anew(pages[1])
    # The forms of verbs are in a template, of which no piece is made.
    first = pages[1].locator("#exploring article.item").first
    open_verb(pages[1], first.get_attribute("id") or "", "park")
    expect(first.get_by_role("button", name="Park")).to_be_visible()


def test_an_act_of_ones_own_has_nothing_asked_for(visit: Callable[..., Page]) -> None:
    """Its answer brings all panels, and the push of the same version one: the next fits both."""
    ann, bob = open_project(visit("ann")), open_project(visit("bob"))
    asked: list[str] = []
    ann.on("request", lambda request: asked.append(request.url))
    for text in ("First", "Second"):
        say(ann, f"{text}, by Ann")
        expect(bob.locator("#messages")).to_contain_text(f"{text}, by Ann")
        card = add_idea(bob, f"{text}, by Bob")
        expect(ann.locator(f"#exploring #{card}")).to_be_attached()
    assert not [url for url in asked if "/refresh/" in url]


def collect(socket: WebSocket, pushes: list[str]) -> None:
    def note(frame: str | bytes) -> None:
        message = json.loads(frame)
        if message["type"] == "panels":
            pushes.append(message["content"])

    socket.on("framereceived", note)


def expect_as_drawn_anew(page: Page) -> None:
    """Wait until items and chat look as in a page of the same person that is loaded then.

    What comes while that loads is in it, and on this page a moment later: so it is loaded again.
    """
    anew = page.context.new_page()
    shown, drawn = [""], list[str]()
    for _ in range(MOST_LOADS):
        if shown == drawn:
            break
        anew.goto(page.url)
        shown, drawn = (
            [each.locator(panel).evaluate(DRAWN) for panel in ("#items", "#chat")] for each in (page, anew)
        )
    anew.close()
    assert shown == drawn
