"""What a room knows of its pages, and of their people."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sessions_app.live import known, rooms
from sessions_app.live.known import KnownPeople
from sessions_app.live.place import Version
from sessions_app.live.rights import Right
from sessions_app.live.rooms import Room
from tests.conftest import Cast
from tests.doing import add, seeing


def test_many_who_come_at_once_are_told_of_together(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(rooms, "HERE_SECONDS", 1.0)
    # Not the module's own: other threads read the clock as well.
    monkeypatch.setattr(rooms, "time", SimpleNamespace(monotonic=lambda: now))
    room = Room()
    assert room.asks_here()
    assert room.tell_here("Ann") == ("Ann", 0.0)
    now += rooms.HERE_SECONDS / 4
    assert not room.asks_here()
    assert room.tell_here(None) == ("Ann", rooms.HERE_SECONDS * 3 / 4)
    now += rooms.HERE_SECONDS
    assert room.asks_here()
    assert room.tell_here("Ann, Bob, Vera") == ("Ann, Bob, Vera", 0.0)


def test_a_person_is_known_as_who_they_are_and_for_a_moment(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, people = 100.0, KnownPeople()
    monkeypatch.setattr(known, "time", SimpleNamespace(monotonic=lambda: now))
    with seeing(cast) as view:
        people.note(view)
        member_version = view.summary.member_version
    right = Right(0, "owner", Version(7, member_version))
    found = people.find(cast.ann.id)
    assert found is not None
    assert found.reader == view.reader
    assert people.find(cast.bob.id) is None
    assert found.is_drawn_so(right)
    assert not found.is_drawn_so(Right(0, "viewer", right.version))
    assert not found.is_drawn_so(Right(0, "owner", Version(7, member_version + 1)))
    now += known.DRAWN_SECONDS
    assert people.find(cast.ann.id) is None


def test_one_view_stands_for_all_who_are_shown_the_same(cast: Cast) -> None:
    people, found = KnownPeople(), []
    for version, who in enumerate(("bob", "ann", "vera")):
        add(cast, f"Idea {version}")
        with seeing(cast, who) as view:
            people.note(view)
            found.append(people.find(view.me.id))
    assert found[0].alike is found[1].alike
    assert found[1].role == "owner"
    assert found[2].alike is not found[0].alike
