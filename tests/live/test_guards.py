"""Who gets a socket, and how long they keep it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from django.db import connections

from sessions_app.live import hub as the_hub
from sessions_app.live import known, looking, rendering
from sessions_app.live.hub import Hub
from sessions_app.live.line import MESSAGE_MAX_CHARACTERS, MOST_MESSAGES
from sessions_app.live.looking import Look
from sessions_app.live.rendering import Chats
from sessions_app.live.rights import Standing
from sessions_app.panels.viewing import Viewing
from sessions_app.services import members, messages
from tests.conftest import Cast
from tests.doing import do
from tests.live.conftest import SOON, Live, Page, off_loop

SAME = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "http://127.0.0.1:8001",
        "http://127.0.0.1",
        "https://127.0.0.1:8000",
        "http://127.0.0.1:8000.evil.example",
        "http://evil.example:8000",
        "http://ann@127.0.0.1:8000",
        "http://127.0.0.1:8000/",
    ],
)
def test_only_our_own_pages_open_a_socket(cast: Cast, live: Live, origin: str | None) -> None:
    """Case L05: exactly our scheme, host and port."""
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        assert not await ann.open(origin=origin)
        assert await ann.open(origin=SAME)

    live(story)


def test_only_members_open_a_socket(cast: Cast, live: Live) -> None:
    ann = Page(cast, cast.ann)
    ann.load()
    nobody, zoe = Page(cast, None), Page(cast, cast.zoe)

    async def story() -> None:
        for page in (nobody, zoe):
            page.version, page.epoch = ann.version, ann.epoch
            assert not await page.open()
        assert await ann.open()

    live(story)


def test_an_unknown_project_and_an_unknown_address_are_refused(cast: Cast, live: Live) -> None:
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        ann.project_id = "00000000-0000-4000-8000-000000000000"
        assert not await ann.open()
        ann.project_id = "nothing"
        assert not await ann.open()

    live(story)


def remove(cast: Cast) -> None:
    do(cast, "ann", members.remove_member, cast.bob.id)


def sign_out(_cast: Cast) -> None:
    BrowserSession.objects.all().delete()


def deactivate(cast: Cast) -> None:
    cast.bob.is_active = False
    cast.bob.save(update_fields=["is_active"])


def change_password(cast: Cast) -> None:
    cast.bob.set_password("another one entirely")
    cast.bob.save(update_fields=["password"])


@pytest.mark.parametrize(
    ("revoke", "code"),
    [(remove, 4403), (sign_out, 4401), (deactivate, 4401), (change_password, 4401)],
)
def test_whoever_may_no_longer_is_cut_off(cast: Cast, live: Live, revoke, code: int) -> None:
    """Case G07: and nothing that happens afterwards is pushed to them."""
    bob = Page(cast, cast.bob)
    bob.load()

    async def story() -> None:
        await bob.open()
        await bob.shows("presence")
        await off_loop(revoke, cast)
        await off_loop(do, cast, "ann", messages.post_message, text="Now that Bob is gone")
        while True:
            event = await bob.socket.receive_output(timeout=SOON)
            if event["type"] == "websocket.close":
                assert event["code"] == code
                break
            assert "Now that Bob is gone" not in event["text"]
        assert not await bob.open()

    live(story)


def end_browser_session(bob: Page) -> None:
    BrowserSession.objects.get(session_key=bob.browser.cookies["sessionid"].value).delete()


def revoking_late(monkeypatch: pytest.MonkeyPatch, revoke: Callable[[UUID], None], *, in_look: bool) -> None:
    """Have this done once it was looked what happened: before the look draws the chat, or after the look."""
    draw = rendering.render_chat

    def revoke_and_draw(project_id: UUID, alike: Collection[Viewing], version: int) -> Chats:
        if alike:
            # Beside the look, which has a transaction open.
            with ThreadPoolExecutor(1) as beside:
                beside.submit(revoke, project_id).result()
                beside.submit(connections.close_all).result()
        return draw(project_id, alike, version)

    def look_and_revoke(project_id: UUID, standing: Standing, oldest: int | None, **more: Any) -> Look:
        found = looking.look(project_id, standing, oldest, **more)
        if found.news.facts:
            revoke(project_id)
        return found

    if in_look:
        monkeypatch.setattr(rendering, "render_chat", revoke_and_draw)
    else:
        monkeypatch.setattr(the_hub, "look", look_and_revoke)


@pytest.mark.parametrize(
    ("is_removed", "drawn_seconds", "code"),
    [(True, 60.0, 4403), (False, 60.0, 4401), (False, 0.0, 4401)],
    ids=["removed, drawn for all", "signed out, drawn for all", "signed out, drawn in full"],
)
def test_nothing_that_follows_a_revoke_is_pushed_however_late_it_came(
    cast: Cast,
    live: Live,
    own_hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
    is_removed: bool,
    drawn_seconds: float,
    code: int,
) -> None:
    """Case G07: also when what is drawn then, in the look or after it, holds what happened since."""
    monkeypatch.setattr(known, "DRAWN_SECONDS", drawn_seconds)
    # Else the hub may find it out by itself meanwhile.
    monkeypatch.setattr(the_hub, "CHECK_SECONDS", 60.0)
    ann, bob = Page(cast, cast.ann), Page(cast, cast.bob)
    ann.load()
    bob.load()
    revokes = [partial(remove, cast) if is_removed else partial(end_browser_session, bob)]

    def revoke_if_told(project_id: UUID) -> None:
        sockets = own_hub.rooms[project_id].pages()
        is_told = any(not socket.missed for socket in sockets if socket.user_id == cast.bob.id)
        if is_told and revokes:
            revokes.pop()()
            do(cast, "ann", messages.post_message, text="Now that Bob is gone")

    async def story() -> None:
        for page in (ann, bob):
            await page.open()
            await page.shows("presence")
        revoking_late(monkeypatch, revoke_if_told, in_look=bool(drawn_seconds))
        await off_loop(do, cast, "ann", messages.post_message, text="Gas or oil?")
        while (event := await bob.socket.receive_output(timeout=SOON))["type"] != "websocket.close":
            assert "Now that Bob is gone" not in event["text"]
            if (message := json.loads(event["text"]))["type"] == "panels":
                await bob.acknowledge(message)
        assert event["code"] == code
        while "Now that Bob is gone" not in (await ann.shows("chat"))["content"]:
            pass

    live(story)


def test_with_a_lesser_role_the_page_comes_back_as_what_it_may_be(cast: Cast, live: Live) -> None:
    bob = Page(cast, cast.bob)
    assert "composer" in bob.load()

    async def story() -> None:
        await bob.open()
        await bob.shows("presence")
        await off_loop(do, cast, "ann", members.change_role, cast.bob.id, role="viewer")
        assert await bob.is_closed() == 4403
        assert "composer" not in await off_loop(bob.load)
        assert await bob.open()
        await bob.shows("presence")
        await off_loop(do, cast, "ann", members.change_role, cast.bob.id, role="owner")
        assert "composer" in (await bob.shows("chat"))["content"]

    live(story)


@pytest.mark.parametrize(
    "said",
    [
        "{",
        "null",
        "[]",
        '"since"',
        "{}",
        '{"since": 7}',
        '{"since": "x"}',
        '{"since": "0a:1.1", "type": "websocket.disconnect"}',
        '{"type": "hint", "projects": {}}',
        '{"since": "0a:1.1e9"}',
        '{"since": "0a:-1.1"}',
        '{"since": "0a:٣.1"}',
        '{"since": "0a:1' + "0" * 30 + '.1"}',
        "[" * 3000,
    ],
)
def test_nonsense_ends_the_socket(cast: Cast, live: Live, said: str) -> None:
    """There is one thing to say, and no handler to choose."""
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open()
        await ann.say(said)
        assert await ann.is_closed() == 1008

    live(story)


def test_too_much_at_once_ends_the_socket(cast: Cast, live: Live) -> None:
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open()
        await ann.say(json.dumps({"since": "0" * MESSAGE_MAX_CHARACTERS}))
        assert await ann.is_closed() == 1009

    live(story)


def test_a_flood_ends_the_socket(cast: Cast, live: Live) -> None:
    """Case F05."""
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open()
        for _ in range(MOST_MESSAGES + 1):
            await ann.say({"since": f"{ann.epoch}:{ann.version}"})
        assert await ann.is_closed() == 1008

    live(story)


@pytest.mark.parametrize("since", ["", "x", "0a:1", "0a:1.1&since=0a:1.1", "%00:1.1"])
def test_a_page_that_does_not_say_what_it_shows_must_reload(cast: Cast, live: Live, since: str) -> None:
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open(since=since)
        await ann.hears("reload")
        assert await ann.is_closed() == 1008

    live(story)


def test_what_the_handshake_said_is_not_kept(cast: Cast, live: Live) -> None:
    """Its headers are as large as all else that a socket of ours takes."""
    ann = Page(cast, cast.ann)
    ann.load()

    async def story() -> None:
        await ann.open()
        await ann.shows("presence")
        assert ann.socket.scope["headers"] == []

    live(story)


def test_a_server_may_keep_headers_in_what_cannot_be_emptied(cast: Cast, live: Live) -> None:
    """ASGI promises no more than that one can go through them."""
    ann = Page(cast, cast.ann)
    ann.kept_in = tuple
    ann.load()

    async def story() -> None:
        assert await ann.open()
        await ann.shows("presence")

    live(story)
