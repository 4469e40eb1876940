"""What a room knows of its pages."""

from __future__ import annotations

import pytest

from sessions_app.live import rooms
from sessions_app.live.rooms import Room


def test_many_who_come_at_once_are_told_of_together(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(rooms, "HERE_SECONDS", 1.0)
    monkeypatch.setattr(rooms.time, "monotonic", lambda: now)
    room = Room()
    assert room.tell_here("Ann") == ("Ann", 0.0)
    for here in ("Ann, Bob", "Ann, Bob, Vera"):
        assert room.tell_here(here) == ("Ann", rooms.HERE_SECONDS)
    assert room.tell_here("Ann") == ("Ann", 0.0)
    now += rooms.HERE_SECONDS
    assert room.tell_here("Ann, Bob, Vera") == ("Ann, Bob, Vera", 0.0)
    assert room.tell_here("Ann") == ("Ann, Bob, Vera", rooms.HERE_SECONDS)
