"""What is sent of a panel to a page that has it as it was."""

from __future__ import annotations

import re

import pytest

from sessions_app.live.frames import Frames
from sessions_app.live.holdings import UNKNOWN, Holdings
from sessions_app.live.pieces import Drawing
from sessions_app.live.place import Version
from sessions_app.panels.texts import VERSION
from sessions_app.services import items, messages
from tests.conftest import Cast
from tests.doing import add, do
from tests.live.conftest import Live, Page, off_loop


def panel(*rows: str) -> Drawing:
    return Drawing(f'<section id="items"><h2>{len(rows)}</h2><ul>{"".join(rows)}</ul></section>')


def card(name: str, text: str = "as it was", ago: str = "just now") -> str:
    """A card with another row in it."""
    moment = f'<time datetime="2026-03-04" data-ago>{ago}</time>'
    row = f"<ul><article>{text}</article></ul>{moment}"
    return f'<li><article class="item" id="item-{name}">{row}</article></li>'


def stub(name: str) -> str:
    return f'<li><article id="item-{name}" data-same></article></li>'


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        ("a b", "a b", "~a ~b"),
        ("a b", "c a b", "c ~a ~b"),
        ("a b c", "c a", "~c ~a"),
        ("a b", "a! b", "a! ~b"),
        ("a a!", "a", "~a"),
    ],
    ids=["nothing", "one more", "moved, and one gone", "changed", "told apart by what it shows"],
)
def test_what_a_page_has_is_a_stub(before: str, after: str, sent: str) -> None:
    def rows(names: str) -> list[str]:
        drawn = {"~": lambda name: stub(name[1:]), "!": lambda name: card(name[:-1], "new")}
        return [drawn.get(name[0], drawn.get(name[-1], card))(name) for name in names.split()]

    content = panel(*rows(after)).for_who_has(panel(*rows(before)).marks, "4.1")
    count = len(after.split())
    assert (
        content
        == f'<section data-since="4.1" id="items"><h2>{count}</h2><ul>{"".join(rows(sent))}</ul></section>'
    )


def test_who_has_none_of_it_is_sent_the_panel_as_it_was_drawn() -> None:
    drawing = panel(card("a"))
    assert drawing.for_who_has(panel(card("b")).marks, "4.1") == drawing.html
    assert (
        Drawing("<section>no rows</section>").for_who_has(frozenset(), "4.1") == "<section>no rows</section>"
    )


def test_how_long_ago_it_was_makes_no_other_piece() -> None:
    """The page has such words go on by itself."""
    assert panel(card("a")).marks == panel(card("a", ago="5 minutes ago")).marks


def test_what_is_in_a_template_is_no_piece() -> None:
    template = '<template id="forms"><form id="decide"></form></template>'
    drawing = panel(template, card("a"))
    assert drawing.for_who_has(drawing.marks, "4.1").count("data-same") == 1
    assert template in drawing.for_who_has(drawing.marks, "4.1")


def test_a_row_that_does_not_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not end"):
        Drawing('<li id="item-a"><li></li>')


def test_who_had_the_same_are_sent_the_same() -> None:
    frames, one, two = Frames("0a", Holdings()), Version(1, 0), Version(2, 0)
    html = {"items": f'<section data-version="{VERSION}">{card("a")}</section>'}
    first = frames.frame(one, one, html, "", UNKNOWN)
    assert frames.frame(one, one, html, "", UNKNOWN) is first
    second = frames.frame(two, two, html, "", first.leaves)
    assert "data-same" not in first.text_for("")
    assert 'data-since=\\"1.0\\"' in second.text_for("")
    assert second.leaves.panels["items"].version == two


def test_who_holds_the_same_by_other_ways_are_sent_the_same() -> None:
    """What was written after one look, and after another."""
    holdings, one, two = Holdings(), Version(1, 0), Version(2, 0)
    before, after = ({"items": panel(*map(card, names)).html} for names in ("a", "ab"))
    first, second = (Frames("0a", holdings).loaded_with(one, before) for _ in range(2))
    pushed = Frames("0a", holdings).frame(one, one, before, "", UNKNOWN).leaves
    frames = Frames("0a", holdings)
    assert len({frames.frame(two, two, after, "", each) for each in (first, second, pushed)}) == 1
    assert Frames("0a", holdings).loaded_with(two, before) is not first


def test_what_a_push_leaves_as_it_is_stands_at_its_version(cast: Cast, live: Live) -> None:
    """A page may have it so by the answer to an act of its own, which brings every panel."""
    add(cast, "Lamp")
    page = Page(cast, cast.ann)
    page.load()

    async def story() -> None:
        await page.open(since=f"{page.epoch}:{page.version}&fresh")
        await page.shows("presence")
        await off_loop(do, cast, "ann", messages.post_message, text="Mine")
        message = await page.hears()
        # First the answer was shown, then the push.
        for _ in range(2):
            await page.acknowledge(message)
        await off_loop(do, cast, "bob", items.add_item, title="Horn")
        assert (
            f'<section data-since="{message["version"]}" class="items"'
            in (await page.shows("items"))["content"]
        )
        await page.close()

    live(story)


def test_a_page_is_sent_what_it_lacks(cast: Cast, live: Live) -> None:
    """Also the first time after it was loaded; everything again when it may have something else."""
    add(cast, "Lamp", "Lens")
    page = Page(cast, cast.ann)
    page.load()

    async def rows_of(name: str) -> tuple[int, int]:
        """How many are whole, and how many are stubs."""
        content = (await page.shows(name))["content"]
        found = re.findall(r'<article[^>]* id="item-[^>]*>', content)
        stubs = [row for row in found if "data-same" in row]
        return len(found) - len(stubs), len(stubs)

    async def story() -> None:
        await page.open(since=f"{page.epoch}:{page.version}&fresh")
        await page.shows("presence")
        await off_loop(do, cast, "bob", items.add_item, title="Horn")
        assert await rows_of("items") == (1, 2)
        await off_loop(do, cast, "bob", messages.post_message, text="Hello")
        await page.shows("chat")
        await off_loop(do, cast, "bob", items.add_item, title="Bell")
        assert await rows_of("items") == (1, 3)
        await page.close()
        await page.open()
        await page.shows("presence")
        await off_loop(do, cast, "bob", items.add_item, title="Rope")
        assert await rows_of("items") == (5, 0), "after a reconnect it may have anything"
        # The answer to an act of one's own brings a version that no push brought.
        await off_loop(do, cast, "ann", messages.post_message, text="Mine")
        message = await page.hears()
        project, _, member = message["version"].partition(".")
        await page.say({"since": f"{message['epoch']}:{int(project) + 1}.{member}"})
        await off_loop(do, cast, "ann", messages.post_message, text="Mine too")
        await off_loop(do, cast, "bob", items.add_item, title="Oar")
        assert await rows_of("items") == (6, 0)
        await page.close()

    live(story)
