"""What open pages are shown, and when: a hint is a reason to look, the database is the truth."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from sessions_app.db.rls import acting_as
from sessions_app.live import hub as the_hub
from sessions_app.live import known, looking, rooms
from sessions_app.live.hints import hints
from sessions_app.live.hub import Hub
from sessions_app.live.looking import Look
from sessions_app.live.rights import Standing
from sessions_app.services import anchors, items, messages, projects, steps
from tests.conftest import Cast
from tests.doing import add, counter, do, look
from tests.live.conftest import QUIET, SOON, Live, Page, off_loop, panels_in, words_in
from tests.panels.test_changes import visit


def test_a_change_is_pushed_with_its_version_and_in_words(cast: Cast, live: Live) -> None:
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        assert await ann.open()
        await ann.shows("presence")
        await off_loop(do, cast, "bob", messages.post_message, text="Gas or oil?")
        push = await ann.hears()
        # Who is here is told whenever that is noticed, with whatever else is due.
        assert panels_in(push) - {"presence"} == {"chat"}, "only what changed"
        assert "Gas or oil?" in push["content"]
        assert push["version"] == f"{int(ann.version.split('.')[0]) + 1}.{ann.version.split('.')[1]}"
        assert f'id="version" value="{push["version"]}"' in push["content"]
        assert words_in(push) == "1 new message"

    live(story)


def test_ones_own_act_is_shown_in_ones_other_tab_without_words(cast: Cast, live: Live) -> None:
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open()
        await ann.shows("presence")
        await off_loop(do, cast, "ann", items.add_item, title="A lamp")
        push = await ann.hears()
        assert "A lamp" in push["content"]
        assert words_in(push) == ""

    live(story)


def test_every_member_sees_it_with_their_own_rights(cast: Cast, live: Live) -> None:
    """Vera only looks: her panels hold no form that she may not send."""
    bob, vera = Page(cast, cast.bob), Page(cast, cast.vera)
    bob.load()
    vera.load()

    async def story() -> None:
        for page in (bob, vera):
            await page.open()
            await page.shows("presence")
        await off_loop(do, cast, "ann", items.add_item, title="A lamp")
        to_bob, to_vera = await bob.shows("items"), await vera.shows("items")
        assert "/decide/" in to_bob["content"]
        assert "A lamp" in to_vera["content"]
        assert "/decide/" not in to_vera["content"]

    live(story)


def test_another_projects_page_hears_nothing(cast: Cast, live: Live) -> None:
    zoe = Page(cast, cast.zoe, cast.other.id)
    zoe.load()

    async def story() -> None:
        await zoe.open()
        await zoe.shows("presence")
        await off_loop(do, cast, "bob", messages.post_message, text="Not for Zoe")
        assert await zoe.is_quiet()

    live(story)


def test_a_page_that_was_away_gets_all_it_missed(cast: Cast, live: Live) -> None:
    """A reconnect says what the page shows: what is new comes at once, at the newest version."""
    ann = Page(cast, cast.ann)
    ann.load()
    add(cast, "One", "Two")
    do(cast, "bob", messages.post_message, text="And a word")

    async def story() -> None:
        await ann.open()
        push = await ann.hears()
        assert panels_in(push) >= {"header", "stats", "steps", "changes", "items", "chat"}
        assert int(push["version"].split(".")[0]) == int(ann.version.split(".")[0]) + 3
        assert words_in(push) == "2 new items, 1 new message"

    live(story)


def test_at_most_one_push_is_under_way(cast: Cast, live: Live) -> None:
    """A page that reads slowly gets the newest state when it has read, not a queue of old ones."""
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open()
        await ann.shows("presence")
        await off_loop(do, cast, "bob", messages.post_message, text="first")
        push = await ann.hears()
        for number in range(5):
            await off_loop(do, cast, "bob", messages.post_message, text=f"more {number}")
        assert await ann.is_quiet(), "nothing follows what is not acknowledged"
        await ann.acknowledge(push)
        push = await ann.hears()
        assert all(f"more {number}" in push["content"] for number in range(5))
        await ann.acknowledge(push)
        assert await ann.is_quiet()

    live(story)


def test_a_page_that_acknowledges_nothing_is_closed(cast: Cast, live: Live, monkeypatch) -> None:
    monkeypatch.setattr(the_hub, "ACKNOWLEDGE_SECONDS", 0.3)
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open()
        await ann.hears()
        assert await ann.is_closed() == 1013

    live(story)


def test_a_page_that_says_nothing_more_is_closed(cast: Cast, live: Live, monkeypatch) -> None:
    monkeypatch.setattr(the_hub, "SILENT_SECONDS", 0.3)
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open()
        assert await ann.is_closed() == 1001

    live(story)


def test_a_lost_hint_is_healed_by_the_next_look(cast: Cast, live: Live, monkeypatch) -> None:
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open()
        await ann.shows("presence")
        monkeypatch.setattr(hints, "send", lambda *_: None)
        await off_loop(do, cast, "bob", messages.post_message, text="Nobody was told")
        assert "Nobody was told" in (await ann.hears())["content"]

    live(story)


def test_what_is_ones_own_alone_reaches_ones_other_tab(cast: Cast, live: Live) -> None:
    """A step put aside changes no fact of the project; only the person's own version."""
    add(cast, "A lamp")
    ann, bob = Page(cast, cast.ann), Page(cast, cast.bob)
    ann.load()
    bob.load()

    def put_aside() -> None:
        with acting_as(cast.ann.id):
            step = look(cast).summary.raw["suggestedNextSteps"][0]["id"]
            steps.mark_done(cast.ann.id, cast.project.id, step)

    async def story() -> None:
        for page in (ann, bob):
            await page.open()
            await page.shows("presence")
        # Bob's coming, for Ann.
        await off_loop(put_aside)
        push = await ann.shows("steps")
        assert push["version"].split(".")[0] == bob.version.split(".")[0]

    live(story)


def test_a_decision_of_others_is_pushed_and_caught_up_with_in_the_other_tab(cast: Cast, live: Live) -> None:
    """By the partial that the page has; another member's page hears nothing of one's catching up."""
    (lamp,) = add(cast, "A lamp")
    visit(cast)
    ann, bob = Page(cast, cast.ann), Page(cast, cast.bob)
    ann.load()
    bob.load()

    def catch_up() -> None:
        with acting_as(cast.ann.id):
            anchors.catch_up(cast.ann.id, cast.project.id, counter(cast).version)

    async def story() -> None:
        for page in (ann, bob):
            await page.open()
            await page.shows("presence")
        await off_loop(do, cast, "bob", items.decide_item, lamp.id)
        push = await ann.shows("unseen")
        assert f'id="unseen-{lamp.id}"' in push["content"]
        assert 'class="change"' in push["content"]
        await bob.shows("unseen")
        await off_loop(catch_up)
        push = await ann.shows("unseen")
        assert f'id="unseen-{lamp.id}"' not in push["content"]
        assert "You’re caught up" in push["content"]
        assert await bob.is_quiet()

    live(story)


def test_beats_say_where_the_project_stands(cast: Cast, live: Live, monkeypatch) -> None:
    monkeypatch.setattr(the_hub, "BEAT_SECONDS", 0.2)
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open()
        await ann.shows("presence")
        beat = await ann.hears("beat")
        assert beat == {"type": "beat", "epoch": ann.epoch, "version": ann.version}

    live(story)


def test_a_push_is_as_good_as_a_beat(cast: Cast, live: Live, monkeypatch) -> None:
    monkeypatch.setattr(the_hub, "BEAT_SECONDS", SOON)
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open()
        await ann.shows("presence")
        assert await ann.socket.receive_nothing(timeout=QUIET)

    live(story)


@pytest.mark.parametrize("since", ["0123456789ab:1.1", "{epoch}:999999.1"])
def test_a_page_of_another_database_is_told_to_reload(cast: Cast, live: Live, since: str) -> None:
    """Another epoch, or a version that this database has not reached: it was restored."""
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open(since=since.format(epoch=ann.epoch))
        await ann.hears("reload")

    live(story)


def test_a_pushed_form_can_be_sent(cast: Cast, live: Live) -> None:
    """Panels are rendered once for all of a person's browsers; the form's token is the browser's own."""
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open()
        await ann.shows("presence")
        await off_loop(do, cast, "bob", items.add_item, title="A lamp")
        push = await ann.shows("items")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', push["content"])[1]
        item = re.search(r'id="item-([0-9a-f-]+)"', push["content"])[1]
        stand_in = re.search(r'data-stand-in="([^"]+)"', push["content"])[1]
        action = re.search(r'action="([^"]+/decide/)"', push["content"])[1].replace(stand_in, item)
        form = {"csrfmiddlewaretoken": token}
        answer = await off_loop(ann.browser.post, action, form)
        assert answer.status_code == 302

    live(story)


def test_a_chat_drawn_for_all_tells_that_the_agents_are_paused(cast: Cast, live: Live) -> None:
    """Which is no fact that would have anybody drawn in full."""
    ann, paused = Page(cast, cast.ann), "agents are paused"
    ann.load()

    async def chat_after(text: str) -> str:
        await off_loop(do, cast, "bob", messages.post_message, text=text)
        return str((await ann.shows("chat"))["content"])

    async def story() -> None:
        await ann.open()
        await ann.shows("presence")
        assert paused not in await chat_after("Can they hear us?")
        await off_loop(as_owner, projects.pause_agents)
        assert paused in await chat_after("And now?")
        await off_loop(as_owner, projects.resume_agents)
        assert paused not in await chat_after("Welcome back")

    def as_owner(act: Callable[[UUID], None]) -> None:
        with acting_as(cast.ann.id):
            act(cast.project.id)

    live(story)


def test_what_happens_between_the_look_and_the_drawing_comes_as_well(
    cast: Cast, live: Live, monkeypatch
) -> None:
    """The push of a message is drawn when an item is there already, which it does not hold."""
    monkeypatch.setattr(known, "DRAWN_SECONDS", 0.0)
    ann = Page(cast, cast.ann)
    ann.load()
    meanwhile = ["A lamp"]

    def look_and_do(project_id: UUID, standing: Standing, oldest: int | None, **more: Any) -> Look:
        found = looking.look(project_id, standing, oldest, **more)
        if found.news.facts and meanwhile:
            add(cast, meanwhile.pop())
        return found

    async def story() -> None:
        await ann.open()
        await ann.shows("presence")
        monkeypatch.setattr(the_hub, "look", look_and_do)
        await off_loop(do, cast, "bob", messages.post_message, text="Gas or oil?")
        push = await ann.hears()
        assert "items" not in panels_in(push)
        # As of which version it was drawn is told by the panel.
        assert f'id="chat" data-version="{push["version"]}"' not in push["content"]
        await ann.acknowledge(push)
        push = await ann.hears()
        assert "A lamp" in push["content"]
        assert words_in(push) == "1 new item"

    live(story)


def test_who_is_here_is_shown_while_they_are(cast: Cast, live: Live) -> None:
    ann, bob = Page(cast, cast.ann), Page(cast, cast.bob)
    ann.load()
    bob.load()

    async def story() -> None:
        await ann.open()
        await ann.shows("presence")
        await bob.open()
        while "Bob" not in (push := await ann.shows("presence"))["content"]:
            pass
        assert panels_in(push) == {"presence"}
        await bob.close()
        while "Bob" in (await ann.shows("presence"))["content"]:
            pass

    live(story)


def test_a_hub_that_stopped_asks_no_more_who_is_here(
    cast: Cast, live: Live, own_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it ask that twice for two looks that could not yet."""
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open()
        await ann.shows("presence")
        monkeypatch.setattr(rooms, "HERE_SECONDS", 60.0)
        for text in ("One", "Two", "Three"):
            await off_loop(do, cast, "bob", messages.post_message, text=text)
            await ann.shows("chat")
        waiting = [task for task in asyncio.all_tasks() if task.get_coro().__name__ == "_look_in"]
        assert len(waiting) == 1
        await own_hub.stop()
        assert waiting[0].cancelled()

    live(story)


def test_a_chat_drawn_for_all_is_still_each_ones_own(cast: Cast, live: Live) -> None:
    """One drawing serves who sees the same; whose message it is, and who may write, is not the same."""
    pages = {name: Page(cast, getattr(cast, name)) for name in ("ann", "bob", "vera")}
    for page in pages.values():
        page.load()

    async def story() -> None:
        for page in pages.values():
            await page.open()
            await page.shows("presence")
        # The first chat push draws each in full, the second one all at once.
        for text in ("first", "second"):
            await off_loop(do, cast, "bob", messages.post_message, text=text)
            pushes = {name: await page.shows("chat") for name, page in pages.items()}
        for name, push in pushes.items():
            assert "second" in push["content"]
            assert ("message-own" in push["content"]) == (name == "bob")
            assert ("composer" in push["content"]) == (name != "vera")
            assert f'data-version="{push["version"]}"' in push["content"]
            assert push["version"] == pages[name].version

    live(story)


def test_a_loop_that_closes_at_that_moment_needs_no_hint(
    own_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hints come in any thread: whoever committed has done nothing wrong."""
    loop = asyncio.new_event_loop()
    loop.close()
    monkeypatch.setattr(loop, "is_closed", lambda: False)
    monkeypatch.setattr(own_hub, "_loop", loop)
    own_hub._hinted(None, 0)
