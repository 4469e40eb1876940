"""The chat on its pages: post, edit, delete, older pages."""

from __future__ import annotations

import uuid
from uuid import UUID

import pytest

from sessions_app.jobs import agents
from sessions_app.live.hints import hints
from sessions_app.models import Message
from sessions_app.models.messages import MESSAGE_MAX_CHARACTERS
from sessions_app.panels.chat import MESSAGES_A_PAGE
from sessions_app.services import items, projects
from sessions_app.services.citations import Citation
from tests.doing import again, as_system, do, every, nothing_changes, the
from tests.views.conftest import World, both_doors, browse


@both_doors
def test_saying_something(world: World, door: str) -> None:
    page = world.act(world.cast.bob, "message_post", {"text": "Hello & <b>welcome</b>\r\nall"}, door=door)
    message = the(Message, world.cast)
    assert (message.text, message.role, message.user_id) == (
        "Hello & <b>welcome</b>\nall",
        "user",
        world.cast.bob.id,
    )
    assert "Hello &amp; &lt;b&gt;welcome&lt;/b&gt;" in page
    assert "<b>welcome" not in page
    assert f'id="message-{message.id}"' in page


@both_doors
def test_what_fails_once_it_is_said_costs_nobody_anything(
    world: World, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its author has the usual answer, and who else is told of it is told."""
    told: list[UUID | None] = []

    def fail(*_told: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(hints, "_listeners", [fail, lambda project_id, _version: told.append(project_id)])
    monkeypatch.setattr(agents, "listen_soon", fail)
    page = world.act(world.cast.bob, "message_post", {"text": "Is anybody there?"}, door=door)
    assert "Is anybody there?" in page
    assert the(Message, world.cast).text == "Is anybody there?"
    assert world.cast.project.id in told


def test_a_message_that_does_not_fit_is_refused(world: World) -> None:
    assert "must not be empty" in world.refuse(world.cast.bob, "message_post", {"text": " \n "}, status=422)
    too_long = {"text": "x" * (MESSAGE_MAX_CHARACTERS + 1)}
    assert "at most 20,000" in world.refuse(world.cast.bob, "message_post", too_long, status=422)
    assert every(Message, world.cast) == []


@both_doors
def test_editing_ones_own_message(world: World, door: str) -> None:
    message = world.message("Helo", by=world.cast.bob)
    form = browse(world.cast.bob).get(world.path("message_edit", message_id=message.id))
    assert "Helo" in form.text
    page = world.act(world.cast.bob, "message_edit", {"text": "Hello"}, door=door, message_id=message.id)
    assert "Message changed." in page
    assert again(message).text == "Hello"
    assert again(message).edited_at is not None
    page = world.refuse(world.cast.bob, "message_edit", {"text": ""}, status=422, message_id=message.id)
    assert "must not be empty" in page


def test_from_the_page_of_editing_one_comes_to_where_the_message_is_shown(world: World) -> None:
    """Whether one saves or not; an old one is not on the project page."""
    old, new = (world.message(text, by=world.cast.bob) for text in ("Old", "New"))
    for _ in range(MESSAGES_A_PAGE - 1):
        world.message()
    browser, chat, project = browse(world.cast.bob), world.path("messages"), world.path("project")
    for message, address in (
        (old, f"{chat}?at={old.id}#message-{old.id}"),
        (new, f"{project}#message-{new.id}"),
    ):
        form = world.path("message_edit", message_id=message.id)
        assert f'href="{address}">Cancel</a>' in browser.get(form).text
        from_there = {"referer": f"http://testserver{form}", "host": "testserver"}
        assert browser.post(form, {"text": "Better"}, headers=from_there)["Location"] == address


@both_doors
def test_deleting_ones_own_message(world: World, door: str) -> None:
    """The text is gone everywhere, its place in the talk stays."""
    message = world.message("Regrettable", by=world.cast.bob)
    page = world.act(world.cast.bob, "message_delete", door=door, message_id=message.id)
    assert "Message deleted." in page
    assert "Regrettable" not in page
    assert "This message was deleted." in page
    assert again(message).text == ""
    world.refuse(world.cast.bob, "message_delete", status=404, message_id=message.id)
    assert browse(world.cast.bob).get(world.path("message_edit", message_id=message.id)).status_code == 404


def test_anothers_message_is_its_writers_alone(world: World) -> None:
    """An owner may not put words into somebody's mouth either."""
    message = world.message("Mine", by=world.cast.bob)
    for name in ("message_edit", "message_delete"):
        page = world.refuse(world.cast.ann, name, {"text": "Yours"}, status=403, message_id=message.id)
        assert "Error 403" in page
    assert again(message).text == "Mine"


def test_older_messages_come_a_page_at_a_time(world: World) -> None:
    count = 2 * MESSAGES_A_PAGE + 5
    said = [world.message(f"Number {n}").text for n in range(count)]
    for htmx in (False, True):
        browser, seen, query = browse(world.cast.vera, htmx=htmx), [], {}
        while query is not None:
            page = browser.get(world.path("messages"), query)
            assert ("<html" in page.text) is not htmx
            chat = page.context["chat"]
            seen = [message.text for message in chat.messages] + seen
            query = {"before": chat.older} if chat.older else None
        assert seen == said


def test_a_link_to_a_message_ends_its_page_with_it(world: World) -> None:
    said = [world.message(f"Number {n}") for n in range(MESSAGES_A_PAGE + 5)]
    page = browse(world.cast.vera).get(world.path("messages"), {"at": said[-3].id})
    texts = [message.text for message in page.context["chat"].messages]
    assert texts == [message.text for message in said[3:-2]]
    assert page.context["chat"].older == str(said[3].id)


@pytest.mark.parametrize(("confidence", "sure"), [(0.8, "80 % sure"), (1.0, "")])
def test_an_item_links_to_the_words_it_is_taken_from(world: World, confidence: float, sure: str) -> None:
    """On its card, in the list of decisions, and on its own page."""
    message = world.message("We decided to rent the hall.", by=world.cast.bob)
    citation = Citation("We decided to rent the hall.", message.id, message.created_at, confidence)
    item = world.item("Rent the hall")
    do(world.cast, "bob", items.decide_item, item.id, citation=citation)
    browser = browse(world.cast.vera)
    for name, ids in (("project", {}), ("project_decided", {}), ("item", {"item_id": item.id})):
        page = browser.get(world.path(name, **ids)).text
        assert "“We decided to rent the hall.”" in page
        assert f'href="{world.path("messages")}?at={message.id}#message-{message.id}"' in page
        assert ("% sure" in page, sure in page) == (bool(sure), True)


@pytest.mark.parametrize("paused", [False, True])
def test_the_chat_box_says_what_it_understands(world: World, paused: bool) -> None:
    if paused:
        as_system(world.cast, projects.pause_agents)
    page = browse(world.cast.bob).get(world.path("project")).text
    for verb in ("decide", "park", "explore", "ask"):
        assert (f'data-command="/{verb} "' in page) is not paused
        assert (f"<code>/{verb}</code>" in page) is not paused
    assert ("stays talk" in page) is paused


def test_a_place_that_is_no_message_is_refused(world: World) -> None:
    foreign = world.message(project=world.cast.other)
    browser = browse(world.cast.vera)
    for before, status in (("x", 422), ("-1", 422), (uuid.uuid4(), 404), (foreign.id, 404)):
        for field in ("before", "at"):
            assert browser.get(world.path("messages"), {field: before}).status_code == status


def test_reading_older_messages_is_no_activity(world: World) -> None:
    """Reading starts no session: only the project's page and verbs do."""
    world.message()
    with nothing_changes():
        assert browse(world.cast.vera).get(world.path("messages")).status_code == 200
    assert as_system(world.cast, lambda project: world.cast.vera.sessions.count()) == 0
