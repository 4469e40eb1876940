"""Messages of the chat: post, edit, delete."""

from __future__ import annotations

import uuid

import pytest
from django.db import DatabaseError

from sessions_app.models import Message
from sessions_app.models.messages import MESSAGE_MAX_CHARACTERS
from sessions_app.services import agents, messages
from sessions_app.services.errors import NotAllowed, NotFound
from tests.conftest import Cast
from tests.doing import (
    NOT_TEXT,
    again,
    as_system,
    counter,
    do,
    every,
    ledger,
    nothing_changes,
    refused_field,
    the,
)


def test_a_message_is_said_by_somebody_at_a_version(cast: Cast) -> None:
    before = counter(cast).version
    message = do(cast, "bob", messages.post_message, text="  Good\r\nmorning ")
    assert (message.text, message.role, message.user_id) == ("Good\nmorning", "user", cast.bob.id)
    assert message.version == before + 1
    row = ledger(cast, before)[0]
    assert (row.kind, row.message_id, row.actor_id) == ("message.posted", message.id, cast.bob.id)


def test_the_ledger_never_says_what_was_said(cast: Cast) -> None:
    """A deleted message is really gone; a ledger row is never changed."""
    message = do(cast, "bob", messages.post_message, text="Secret")
    do(cast, "bob", messages.edit_message, message.id, text="More secret")
    do(cast, "bob", messages.delete_message, message.id)
    rows = [row for row in ledger(cast) if row.message_id]
    assert [row.kind for row in rows] == ["message.posted", "message.edited", "message.deleted"]
    assert [row.data for row in rows] == [{}, {}, {}]


def test_a_message_has_some_length_and_a_greatest(cast: Cast) -> None:
    message = do(cast, "bob", messages.post_message, text="🗼" * MESSAGE_MAX_CHARACTERS)
    assert len(again(message).text) == MESSAGE_MAX_CHARACTERS
    for text in ("", " \n", "x" * (MESSAGE_MAX_CHARACTERS + 1), *NOT_TEXT):
        assert refused_field(do, cast, "bob", messages.post_message, text=text) == "text"
        assert refused_field(do, cast, "bob", messages.edit_message, message.id, text=text) == "text"


def test_one_edits_ones_own(cast: Cast) -> None:
    message = do(cast, "bob", messages.post_message, text="Helo")
    do(cast, "bob", messages.edit_message, message.id, text="Hello")
    edited = again(message)
    assert (edited.text, edited.version) == ("Hello", message.version)
    assert edited.edited_at is not None
    with nothing_changes():
        do(cast, "bob", messages.edit_message, message.id, text="Hello ")


def test_a_deleted_message_leaves_only_its_place(cast: Cast) -> None:
    message = do(cast, "bob", messages.post_message, text="Hello")
    do(cast, "bob", messages.delete_message, message.id)
    gone = the(Message, cast)
    assert (gone.text, gone.metadata) == ("", {})
    assert gone.deleted_at is not None
    for act in (
        lambda: do(cast, "bob", messages.edit_message, message.id, text="Again"),
        lambda: do(cast, "bob", messages.delete_message, message.id),
    ):
        with nothing_changes(), pytest.raises(NotFound):
            act()


def test_nobody_changes_anothers_words(cast: Cast) -> None:
    """Neither an owner a member's, nor anybody an agent's."""
    by_bob = do(cast, "bob", messages.post_message, text="Hello")
    by_agent = as_system(cast, agents.post_agent_message, "SomeAgent", text="Beep")
    for message in (by_bob, by_agent):
        with nothing_changes(), pytest.raises(NotAllowed):
            do(cast, "ann", messages.edit_message, message.id, text="Bye")
        with nothing_changes(), pytest.raises(NotAllowed):
            do(cast, "ann", messages.delete_message, message.id)
    with nothing_changes(), pytest.raises(NotFound):
        do(cast, "ann", messages.delete_message, uuid.uuid4())


def test_an_outsider_says_nothing_here(cast: Cast) -> None:
    with nothing_changes(), pytest.raises(DatabaseError):
        do(cast, "zoe", messages.post_message, text="Hello?")
    assert every(Message, cast) == []
