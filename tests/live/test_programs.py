"""Sockets of programs: by a bearer or a ticket, and told only that something changed."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from channels.testing import WebsocketCommunicator

from config.asgi import application
from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.live import hub as the_hub
from sessions_app.live import looking, rendering
from sessions_app.live.handshake import handshake_of
from sessions_app.live.hub import Hub
from sessions_app.live.looking import Look
from sessions_app.live.rendering import place_and_here
from sessions_app.live.rights import Standing
from sessions_app.models import AgentToken, Membership, Message, SocketTicket
from sessions_app.models.bearers import Scope
from sessions_app.services import bearers, issuer_tokens, members, messages, sign_ins, socket_tickets, steps
from tests.api.conftest import Program, agent_program, agent_token, data, program
from tests.conftest import Cast
from tests.doing import add, counter, do
from tests.live.conftest import QUIET, SOON, Live, Page, off_loop, panels_in
from tests.services.issuer import AUDIENCE, ISSUER, serving
from tests.views.conftest import _no_old_rate_limits  # noqa: F401

OURS, THEIRS = "http://127.0.0.1:8000", "https://front.example.org:8443"
NOT_OURS = (
    "null",
    "",
    "http://127.0.0.1:8001",
    "http://127.0.0.1",
    "https://127.0.0.1:8000",
    "http://127.0.0.1:8000.evil.example",
    "http://ann@127.0.0.1:8000",
    "http://127.0.0.1:8000/",
    "http://front.example.org:8443",
    "https://front.example.org",
    "https://front.example.org:443",
    "https://front.example.org:8443/",
    "https://a.front.example.org:8443",
    "https://front.example.org:8443.evil.example",
    "https://ann@front.example.org:8443",
)


class Line:
    """A program's socket."""

    def __init__(self, cast: Cast, project_id: UUID | None = None) -> None:
        self.project_id = project_id or cast.project.id
        self.socket: WebsocketCommunicator | None = None

    async def open(self, *authorization: str, query: str = "", origin: str | None = None) -> bool:
        """Open the socket; returns whether the handshake was accepted."""
        headers = [(b"host", b"127.0.0.1:8000")]
        headers += [(b"authorization", value.encode()) for value in authorization]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        self.socket = WebsocketCommunicator(
            application, f"/projects/{self.project_id}/live/?{query}", headers
        )
        accepted, _ = await self.socket.connect(timeout=SOON)
        return bool(accepted)

    async def hears(self) -> dict[str, Any]:
        """The next message but for beats."""
        while (message := await self._next())["type"] == "beat":
            pass
        return message

    async def hears_nothing(self) -> bool:
        """Whether nothing but beats comes for a moment."""
        try:
            async with asyncio.timeout(QUIET):
                await self.hears()
        except TimeoutError:
            return True
        return False

    async def _next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self.socket.receive_from(timeout=SOON))
        return message

    async def begins(self) -> str:
        """The first message, which says where the project stands, as `<epoch>:<version>`."""
        beat = await self._next()
        assert beat.keys() == {"type", "epoch", "version"}
        assert beat["type"] == "beat"
        return f"{beat['epoch']}:{beat['version']}"

    async def is_closed(self) -> int:
        """Wait until the server closes the socket; returns the code."""
        while True:
            event = await self.socket.receive_output(timeout=SOON)
            if event["type"] == "websocket.close":
                return int(event["code"])


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`later(minutes=15)` has it so much later than it is, for every thread."""
    now = clock.now

    def set_clock(**by: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: now() + dt.timedelta(**by))

    return set_clock


def bearer(who: Program) -> str:
    return f"Bearer {who.token}"


def ticket(cast: Cast, who: Program) -> str:
    """The query of a socket that is opened by a ticket."""
    made = data(who.post("/auth/ticket", {"projectId": str(cast.project.id)}), 201)
    return f"ticket={made['ticket']}"


# --- who is let in ---------------------------------------------------------------------------------


def test_a_program_opens_a_socket_from_our_pages_from_trusted_ones_and_from_none(
    cast: Cast, live: Live, settings: Any
) -> None:
    """Case L05: exactly scheme, host and port; no Origin only with a bearer or a ticket."""
    settings.CORS_ALLOWED_ORIGINS = [THEIRS]
    ann = program(cast.ann)
    tickets = [ticket(cast, ann) for _ in range(3)]
    wasted = ticket(cast, ann)
    page = Page(cast, cast.ann)
    page.load()

    async def story() -> None:
        for origin in (OURS, THEIRS, None):
            assert await Line(cast).open(bearer(ann), origin=origin), origin
            assert await Line(cast).open(query=tickets.pop(), origin=origin), origin
            assert not await Line(cast).open(origin=origin), "nobody is signed in"
        for origin in NOT_OURS:
            assert not await Line(cast).open(bearer(ann), origin=origin), origin
            assert not await Line(cast).open(query=wasted, origin=origin), origin
        assert await Line(cast).open(query=wasted), "a stranger's try does not use it up"
        # A cookie is for our own pages, wherever else programs may come from.
        for origin in (THEIRS, None):
            assert not await page.open(origin=origin)

    live(story)


def test_a_ticket_opens_one_socket_of_its_project_soon(cast: Cast, live: Live) -> None:
    """Case L05."""
    ann = program(cast.ann)
    once, other, late = (ticket(cast, ann) for _ in range(3))
    second = dt.timedelta(seconds=1)
    with acting_as_system([cast.project.id]):
        rows = SocketTicket.objects.order_by("expires_at")
        rows.filter(pk=rows.last().pk).update(expires_at=clock.now() - second)

    async def story() -> None:
        assert await Line(cast).open(query=once)
        assert not await Line(cast).open(query=once)
        assert not await Line(cast).open(query=late)
        assert not await Line(cast, cast.other.id).open(query=other)
        assert not await Line(cast).open(query=other), "it was used, if in vain"
        for query in ("ticket=", "ticket=lot_x", "ticket=%00", "ticket=%ED%A0%80", f"ticket={'x' * 9000}"):
            assert not await Line(cast).open(query=query), query

    live(story)


def test_of_two_sockets_at_once_a_ticket_opens_one(cast: Cast, live: Live) -> None:
    query = ticket(cast, program(cast.ann))

    async def story() -> None:
        opened = await asyncio.gather(*(Line(cast).open(query=query) for _ in range(4)))
        assert sorted(opened) == [False, False, False, True]

    live(story)


def test_a_ticket_is_good_for_60_seconds(cast: Cast) -> None:
    ann = bearers.whose(program(cast.ann).token)
    for seconds, good in ((59, True), (61, False)):
        with clock.at(clock.now() - dt.timedelta(seconds=seconds)), acting_as(cast.ann.id):
            made = socket_tickets.make_ticket(ann, cast.project.id)
        assert (socket_tickets.take(made) is not None) is good, seconds


def test_a_bearer_opens_sockets_of_what_it_may_see(cast: Cast, live: Live) -> None:
    ann, vera, zoe = program(cast.ann), program(cast.vera), program(cast.zoe)
    agent, deaf = agent_program(cast), agent_program(cast, scopes=(Scope.BRIEFING,))
    over = agent_program(cast)
    with acting_as_system([cast.project.id]):
        AgentToken.objects.filter(pk=AgentToken.objects.latest("created_at").pk).update(
            expires_at=clock.now() - dt.timedelta(seconds=1)
        )

    async def story() -> None:
        for who, may in (
            (ann, True),
            (vera, True),
            (zoe, False),
            (agent, True),
            (deaf, False),
            (over, False),
        ):
            assert await Line(cast).open(bearer(who)) is may
            assert await Line(cast, cast.other.id).open(bearer(who)) is (who is zoe)
        for headers, query in (
            (["Bearer"], ""),
            (["Bearer nonsense"], ""),
            ([f"Basic {ann.token}"], ""),
            ([f"{bearer(ann)}, {bearer(ann)}"], ""),
            ([bearer(ann), bearer(ann)], ""),
            ([bearer(ann), "Bearer x"], ""),
            ([bearer(ann)], "ticket=x"),
            ([], f"access_token={ann.token}"),
            ([], f"ticket={ann.token}"),
        ):
            assert not await Line(cast).open(*headers, query=query), (headers, query)
        assert await Line(cast).open(f"bearer {ann.token}")

    live(story)


def test_a_token_opens_sockets_as_often_as_it_may_call(cast: Cast, live: Live, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 2
    agent = agent_program(cast)

    async def story() -> None:
        assert [await Line(cast).open(bearer(agent)) for _ in range(3)] == [True, True, False]

    live(story)


def test_what_a_handshake_says_and_does_not() -> None:
    cookie, proxy = (b"cookie", b"sessionid=x"), (b"authorization", b"Basic YW5uOng=")
    for headers, query, expected in (
        ([cookie], b"", (False, None, None)),
        ([cookie, proxy], b"", (False, None, None)),
        ([cookie, (b"authorization", b"Bearer x")], b"", (True, "x", None)),
        ([cookie, (b"authorization", b"Bearer")], b"", (True, "", None)),
        ([(b"authorization", b"Bearer x")] * 2, b"", (True, "", None)),
        ([proxy, (b"authorization", b"Bearer x")], b"", (True, "", None)),
        ([proxy], b"ticket=lot_x", (True, None, "lot_x")),
        ([], b"ticket=lot_x&ticket=lot_x", (True, None, "")),
        ([], b"ticket=", (True, None, "")),
        ([(b"authorization", b"Bearer x")], b"ticket=lot_x", (True, "", "")),
        ([(b"authorization", b"Bearer \xff")], b"\xff=\xff", (True, "ÿ", None)),
    ):
        said = handshake_of({"headers": headers, "query_string": query})
        assert (said.is_programs, said.bearer, said.ticket) == expected, (headers, query)
    twice = handshake_of({"headers": [(b"origin", b"http://127.0.0.1:8000")] * 2, "query_string": b""})
    assert twice.origin == ""


def test_a_person_of_the_external_issuer_opens_a_socket(
    cast: Cast, live: Live, settings: Any, later: Callable[..., None]
) -> None:
    EmailAddress.objects.create(user=cast.ann, email="ann@example.org", verified=True)
    with serving() as issuer:
        settings.OIDC_ISSUER, settings.OIDC_AUDIENCE = ISSUER, AUDIENCE
        settings.OIDC_JWKS_URL = issuer.url
        token = issuer.token(exp=int(clock.now().timestamp()) + 60)
        query = ticket(cast, Program(issuer.token()))

        async def story() -> None:
            line, other = Line(cast), Line(cast)
            assert await line.open(f"Bearer {token}")
            assert await other.open(query=query)
            await line.begins()
            assert await line.hears_nothing()
            later(seconds=61)
            assert await line.is_closed() == 4401, "it ends with its token"
            await other.begins()
            later(seconds=0)
            # Its keys cannot be had: nobody knows whether the token is good.
            issuer_tokens._keys_at.cache_clear()
            issuer.answers = (500, {}, b"")
            assert not await line.open(f"Bearer {issuer.token()}")

        live(story)
    issuer_tokens._keys_at.cache_clear()


# --- what it is told -------------------------------------------------------------------------------


def test_a_program_is_told_that_something_changed_and_nothing_else(cast: Cast, live: Live) -> None:
    programs = [program(cast.ann), agent_program(cast)]

    async def story() -> None:
        lines = [Line(cast) for _ in programs]
        for line, who in zip(lines, programs, strict=True):
            await line.open(bearer(who))
            before = await off_loop(counter, cast)
            assert (await line.begins()).split(":")[1].split(".")[0] == str(before.version)
        await off_loop(do, cast, "bob", messages.post_message, text="<b>Gas or oil?</b>")
        for line in lines:
            assert await line.hears() == {"type": "changed", "since": before.version}
        await off_loop(add, cast, "A lamp")
        for line, who in zip(lines, programs, strict=True):
            hint = await line.hears()
            assert hint == {"type": "changed", "since": before.version + 1}
            # Which is what the API is asked with.
            changes = await off_loop(who.get, f"/projects/{cast.project.id}/changes?after={hint['since']}")
            assert [fact["kind"] for fact in data(changes)] == ["item.added"]

    live(story)


def test_a_person_is_told_of_their_own_panel_too(cast: Cast, live: Live) -> None:
    item = add(cast, "A lamp")[0]
    ann, bob = program(cast.ann), program(cast.bob)

    async def story() -> None:
        mine, other = Line(cast), Line(cast)
        await mine.open(bearer(ann))
        await other.open(bearer(bob))
        version = int((await mine.begins()).split(":")[1].split(".")[0])
        await other.begins()
        await off_loop(do_snooze, cast, item.id)
        assert await mine.hears() == {"type": "changed", "since": version}
        assert await other.hears_nothing()

    live(story)


def do_snooze(cast: Cast, item_id: UUID) -> None:
    with acting_as(cast.ann.id):
        steps.snooze(cast.ann.id, cast.project.id, f"item:{item_id}", "day")


def test_whoever_says_what_they_know_is_told_from_there(cast: Cast, live: Live) -> None:
    ann = program(cast.ann)

    async def story() -> None:
        line = Line(cast)
        await line.open(bearer(ann))
        place = await line.begins()
        version = int(place.split(":")[1].split(".")[0])
        await off_loop(add, cast, "A lamp")
        again = Line(cast)
        await again.open(bearer(ann), query=f"since={place}")
        assert await again.hears() == {"type": "changed", "since": version}
        # Said on the open socket, it counts too.
        await again.socket.send_to(text_data=json.dumps({"since": place}))
        assert await again.hears() == {"type": "changed", "since": version}
        for other in (f"0a:{version}.1", f"{place.split(':')[0]}:{version + 1000}.1"):
            lost = Line(cast)
            await lost.open(bearer(ann), query=f"since={other}")
            assert await lost.hears() == {"type": "reload"}
            assert (await lost.begins()).split(":")[0] == place.split(":")[0]
        for nonsense in ("since=", "since=x", f"since={place}&since={place}"):
            line = Line(cast)
            await line.open(bearer(ann), query=nonsense)
            assert await line.is_closed() == 1008, nonsense

    live(story)


def test_another_projects_program_hears_nothing(cast: Cast, live: Live) -> None:
    zoe = program(cast.zoe)

    async def story() -> None:
        line = Line(cast, cast.other.id)
        await line.open(bearer(zoe))
        await line.begins()
        await off_loop(add, cast, "Not for Zoe")
        assert await line.hears_nothing()

    live(story)


def test_pages_and_programs_are_told_beside_one_another(cast: Cast, live: Live) -> None:
    """And a program that runs is nobody who is here."""
    page, ann = Page(cast, cast.bob), program(cast.ann)
    page.load()

    async def story() -> None:
        line = Line(cast)
        await line.open(bearer(ann))
        await line.begins()
        assert await off_loop(who_is_here, cast) == []
        await page.open()
        await page.shows("presence")
        await off_loop(do, cast, "vera", messages.post_message, text="Both hear it")
        assert "Both hear it" in (await page.shows("chat"))["content"]
        assert (await line.hears())["type"] == "changed"
        assert await off_loop(who_is_here, cast) == ["Bob"]

    live(story)


def test_a_chat_that_cannot_be_drawn_keeps_nothing_from_programs(
    cast: Cast, live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    """And its page gets it when it can."""
    page, ann = Page(cast, cast.bob), program(cast.ann)
    page.load()

    def note_of(text: str, metadata: object) -> None:
        with acting_as_system([cast.project.id]):
            assert Message.objects.filter(text=text).update(metadata=metadata)

    async def story() -> None:
        line = Line(cast)
        await line.open(bearer(ann))
        await line.begins()
        await page.open()
        await page.shows("presence")
        await off_loop(do, cast, "vera", messages.post_message, text="Drawn in full")
        await page.shows("chat")
        assert (await line.hears())["type"] == "changed"
        await off_loop(note_of, "Drawn in full", 7)
        await off_loop(do, cast, "vera", messages.post_message, text="Cannot be drawn")
        assert (await line.hears())["type"] == "changed"
        assert await page.is_quiet()
        assert "the chat of project" in caplog.text
        await off_loop(note_of, "Drawn in full", {})
        assert "Cannot be drawn" in (await page.shows("chat"))["content"]

    live(story)


def who_is_here(cast: Cast) -> list[str]:
    with acting_as_system([cast.project.id]):
        here = json.loads(place_and_here(cast.project.id)[2])
    return [person["name"] for person in here["people"]]


def test_a_program_may_be_silent(cast: Cast, live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(the_hub, "SILENT_SECONDS", 0.3)
    page, ann = Page(cast, cast.bob), program(cast.ann)
    page.load()

    async def story() -> None:
        line = Line(cast)
        await line.open(bearer(ann))
        await line.begins()
        await page.open()
        assert await page.is_closed() == 1001
        await off_loop(add, cast, "A lamp")
        assert (await line.hears())["type"] == "changed"

    live(story)


@pytest.mark.parametrize(
    "said",
    [
        "{",
        "null",
        '{"since": 7}',
        '{"since": "0a:1.1", "since": "0a:1.1"}',
        '{"since": "0a:1.1", "type": "changed"}',
        '{"since": "\\u0000"}',
        '{"since": "\\ud800"}',
        '\ufeff{"since": "0a:1.1"}',
        '{"since": NaN}',
        b'{"since": "0a:1.1"}',
    ],
)
def test_nonsense_ends_the_socket(cast: Cast, live: Live, said: str | bytes) -> None:
    ann = program(cast.ann)

    async def story() -> None:
        line = Line(cast)
        await line.open(bearer(ann))
        if isinstance(said, bytes):
            await line.socket.send_to(bytes_data=said)
        else:
            await line.socket.send_to(text_data=said)
        assert await line.is_closed() == 1008

    live(story)


def test_a_program_that_begins_makes_no_pages_news_too_much_to_list(
    cast: Cast, live: Live, own_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not say what it knows, so nothing that happened is old news to it."""
    monkeypatch.setattr(rendering, "MOST_FACTS", 2)
    add(cast, "A lamp", "A lens", "A horn")
    page, ann = Page(cast, cast.bob), program(cast.ann)
    page.load()
    said = ["Gas or oil?"]

    def say_and_look(project_id: UUID, standing: Standing, oldest: int | None, **more: Any) -> Look:
        if said and any(not socket.epoch for socket in own_hub.rooms[project_id].sockets):
            do(cast, "ann", messages.post_message, text=said.pop())
        return looking.look(project_id, standing, oldest, **more)

    async def story() -> None:
        await page.open()
        await page.shows("presence")
        monkeypatch.setattr(the_hub, "look", say_and_look)
        line = Line(cast)
        await line.open(bearer(ann))
        await line.begins()
        assert panels_in(await page.shows("chat")) - {"presence"} == {"chat"}

    live(story)


# --- how it ends -----------------------------------------------------------------------------------


def remove(cast: Cast) -> None:
    do(cast, "ann", members.remove_member, cast.bob.id)


def sign_out(cast: Cast) -> None:
    sign_ins.end_all(cast.bob.id)


def deactivate(cast: Cast) -> None:
    cast.bob.is_active = False
    cast.bob.save(update_fields=["is_active"])


def change_password(cast: Cast) -> None:
    cast.bob.set_password("another one entirely")
    cast.bob.save(update_fields=["password"])


@pytest.mark.parametrize(
    ("end", "code"), [(remove, 4403), (sign_out, 4401), (deactivate, 4401), (change_password, 4401)]
)
def test_a_person_who_may_no_longer_is_cut_off(
    cast: Cast, live: Live, end: Callable[[Cast], None], code: int
) -> None:
    bob = program(cast.bob)
    by_ticket, unused = ticket(cast, bob), ticket(cast, bob)

    async def story() -> None:
        lines = [Line(cast), Line(cast)]
        await lines[0].open(bearer(bob))
        await lines[1].open(query=by_ticket)
        for line in lines:
            await line.begins()
        await off_loop(end, cast)
        for line in lines:
            assert await line.is_closed() == code
        assert not await Line(cast).open(bearer(bob))
        assert not await Line(cast).open(query=unused), "a ticket gives no right that its holder lost"

    live(story)


def test_a_lesser_role_hears_as_before(cast: Cast, live: Live) -> None:
    bob = program(cast.bob)

    async def story() -> None:
        line = Line(cast)
        await line.open(bearer(bob))
        await line.begins()
        await off_loop(do, cast, "ann", members.change_role, cast.bob.id, role="viewer")
        assert (await line.hears())["type"] == "changed"

    live(story)
    with acting_as_system([cast.project.id]):
        assert Membership.objects.get(user=cast.bob, project=cast.project).role == "viewer"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"revoked_at": clock.now()}, 4401),
        ({"expires_at": clock.now()}, 4401),
        ({"scopes": ["briefing"]}, 4403),
    ],
)
def test_an_agent_that_may_no_longer_is_cut_off(
    cast: Cast, live: Live, change: dict[str, object], code: int
) -> None:
    token, secret = agent_token(cast)
    by_ticket, unused = (ticket(cast, Program(secret)) for _ in range(2))

    def end() -> None:
        with acting_as_system([cast.project.id]):
            AgentToken.objects.filter(pk=token.pk).update(**change)

    async def story() -> None:
        lines = [Line(cast), Line(cast)]
        await lines[0].open(f"Bearer {secret}")
        await lines[1].open(query=by_ticket)
        for line in lines:
            await line.begins()
        await off_loop(end)
        for line in lines:
            assert await line.is_closed() == code
        assert not await Line(cast).open(f"Bearer {secret}")
        assert not await Line(cast).open(query=unused)

    live(story)


def test_a_socket_ends_with_the_access_token_it_was_opened_with(
    cast: Cast, live: Live, later: Callable[..., None]
) -> None:
    ann = program(cast.ann)
    later(minutes=10)
    query = ticket(cast, ann)

    async def story() -> None:
        by_bearer, by_ticket = Line(cast), Line(cast)
        await by_bearer.open(bearer(ann))
        await by_ticket.open(query=query)
        for line in (by_bearer, by_ticket):
            await line.begins()
            assert await line.hears_nothing()
        later(minutes=16)
        assert await by_bearer.is_closed() == 4401
        assert await by_ticket.hears_nothing()
        later(minutes=26)
        assert await by_ticket.is_closed() == 4401, "as soon as a new token would"

    live(story)
