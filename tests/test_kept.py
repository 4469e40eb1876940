"""What was made once is kept as far as there is room; what is too heavy for it throws nothing out."""

from __future__ import annotations

from sessions_app.kept import Kept


def test_what_was_asked_for_least_lately_makes_room() -> None:
    kept = Kept[str](10, len)
    kept.put("a", "aaaa")
    kept.put("b", "bbbb")
    assert kept.get("a") == "aaaa"
    kept.put("c", "cccc")
    assert [key for key in "abc" if key in kept] == ["a", "c"]


def test_what_weighs_more_than_all_room_throws_nothing_out() -> None:
    kept = Kept[str](10, len)
    kept.put("a", "aaaa")
    kept.put("b", "b" * 11)
    assert kept.get("a") == "aaaa"
    assert "b" not in kept
    kept.put("a", "a" * 11)
    assert "a" not in kept, "it would be another one than was put last"
