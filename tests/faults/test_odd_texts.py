"""F10 in a browser: texts that play tricks break no page, wherever they are shown, and run nothing."""

from __future__ import annotations

from collections import Counter

from playwright.sync_api import expect

from tests.e2e.doing import crawled, wait_until_live
from tests.faults.browsers import browsing, needs_chromium
from tests.faults.cases import case
from tests.faults.product import Product
from tests.faults.sizes import sizes
from tests.faults.telling import tell
from tests.faults.verdicts import Verdicts

pytestmark = [needs_chromium, case("F10")]

ODD_NAME = "\u202eenim\u200b\u2066" + "n" * 60
ODD_TEXTS = (
    "\u202etxet eht fo tser eht dnuor snrut siht \u2067 and this does not end",
    "nothing\u200b\u200d\u2060\ufeff at all" + "\u200b" * 200,
    "e" + "\u0301" * 10_000,
    "\U0001f3ee" * 2_000,
    "x" * 10_000,
)
TRICKS = (
    '<div id="chat" hx-swap-oob="true" hx-get="/profile/?hx" hx-trigger="load" data-hx-get="/profile/?hx"'
    ' data-hx-trigger="load">gone</div><script>window.hacked = 1</script>',
    '"><img src="/profile/?hx" onerror="window.hacked = 1"><svg onload="window.hacked = 1">'
    '<style>body { display: none }</style><a href="javascript:window.hacked = 1">here</a>',
    '\'"--></template></script><iframe srcdoc="<script>top.hacked = 1</script>"></iframe>'
    '<form action="/account/logout/" hx-post="/account/logout/" hx-trigger="load">'
    '<input id="version" value="9.9"></form>',
)
# A phone, where what does not fit shows first, and a desk.
NARROW, WIDE = 390, 1280
# Lines of a list that lie on one another, and what makes the page wider than its window.
BROKEN = """() => {
    const found = []
    if (document.documentElement.scrollWidth > document.documentElement.clientWidth)
        found.push(`wide: ${document.documentElement.scrollWidth}`)
    for (const list of document.querySelectorAll("ul, ol, tbody, .cards, main dl")) {
        const inFlow = each => each.offsetHeight && getComputedStyle(each).position !== "absolute"
        const boxes = [...list.children].filter(inFlow).map(each => each.getBoundingClientRect())
        const lieOn = boxes.slice(1).some((box, place) => {
            const before = boxes[place]
            const isBeside = box.left >= before.right - 1 || box.right <= before.left + 1
            return !isBeside && box.top < before.bottom - 1
        })
        if (lieOn) found.push(`on one another: ${list.id || list.className}`)
    }
    const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT)
    for (let text; text = texts.nextNode();) {
        const data = text.data
        if (/[\\u2066-\\u2069]/.test(data) && !text.parentElement.closest("pre, textarea"))
            found.push(`an isolate in ${text.parentElement.className}`)
        let box = /\\p{M}{20}/u.test(data) && !text.parentElement.closest("option") && text.parentElement
        while (box && getComputedStyle(box).overflowY === "visible") {
            box = box.parentElement
            if (box.matches("li, article, section, details, main"))
                found.push(`a tower in ${text.parentElement.outerHTML.slice(0, 60)}`)
            if (box.matches("main")) break
        }
    }
    return [...new Set(found)]
}"""
# What a text brought into the page: what runs, what acts, and a second element of an id.
RUNS = """() => {
    const ids = [...document.querySelectorAll("[id]")].map(each => each.id)
    const found = ids.filter((id, place) => ids.indexOf(id) !== place).map(id => `twice: ${id}`)
    if (window.hacked) found.push("it ran")
    if (getComputedStyle(document.body).display === "none") found.push("its style counts")
    const attributes = "[onerror], [onload], [srcdoc], [data-hx-get], [hx-trigger=load], [href^=javascript]"
    for (const each of document.querySelectorAll(`${attributes}, body style`))
        found.push(`in the page: ${each.outerHTML.slice(0, 80)}`)
    return found
}"""


@sizes((NARROW,), (NARROW, WIDE))
def test_odd_texts_break_no_page(product: Product, size: tuple[int, ...], verdicts: Verdicts) -> None:
    """Turning, invisible, towering, at the limit, and one word of ten thousand letters."""
    stage = product.settle(people=2)
    tell(product, stage, ODD_NAME, ODD_TEXTS)
    with browsing(stage.people[0]) as page:
        broken, statuses = [], Counter[int]()
        for name, _path, answer in crawled(page, [stage.path(""), "/"], home=stage.path("")):
            statuses[answer.status] += 1
            page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
            for width in size:
                page.set_viewport_size({"width": width, "height": 900})
                broken += [f"{name} at {width} px: {what}" for what in page.evaluate(BROKEN)]
        verdicts.at_least("pages with odd texts looked at", statuses[200], 15)
        verdicts.only("their answers", statuses, {200})
        verdicts.none("pages that are wider than the window or whose lines overlap", broken)


def test_tricks_run_nothing(product: Product, verdicts: Verdicts) -> None:
    """Markup, scripts, styles, attributes of HTMX and ids of our panels in every text; pushed, too."""
    stage = product.settle(people=2)
    tell(product, stage, TRICKS[1][:80], TRICKS)
    reader, writer = stage.people
    with browsing(reader) as page:
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: complaints.append(request.url) if "?hx" in request.url else None)
        found, statuses = [], Counter[int]()
        for name, _path, answer in crawled(page, [stage.path(""), "/"], home=stage.path("")):
            statuses[answer.status] += 1
            found += [f"{name}: {what}" for what in page.evaluate(RUNS)]
        page.goto(stage.path(""))
        wait_until_live(page)
        for number, trick in enumerate(TRICKS):
            status, _ = writer.post(stage.path("messages/"), {"text": f"{trick} pushed {number}"})
            assert status == 302, status
            expect(page.locator("#messages")).to_contain_text(f"pushed {number}")
        found += [f"pushed: {what}" for what in page.evaluate(RUNS)]
        verdicts.at_least("pages with tricks looked at", statuses[200], 15)
        verdicts.only("their answers", statuses, {200})
        verdicts.none("elements, handlers, styles and ids that a text brought", found)
        verdicts.none("complaints of the browser, and requests by a text", complaints)
