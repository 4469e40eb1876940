"""Texts that people and agents send: what is no text at all, and how length is counted (case F10)."""

from __future__ import annotations

import pytest

from sessions_app.services.errors import Invalid
from sessions_app.services.texts import clean_line, clean_text


@pytest.mark.parametrize("blank", ["", " \n\t", "\u200b", "\u3164\u2060", "\u202e \u202c"])
def test_what_shows_nothing_is_empty(blank: str) -> None:
    for clean in (clean_text, clean_line):
        with pytest.raises(Invalid, match="title: must not be empty"):
            clean(blank, "title", most=300, required=True)


def test_length_is_counted_in_characters() -> None:
    """Not in bytes, and not in the units of JavaScript."""
    assert clean_line("🏮" * 300, "title", most=300) == "🏮" * 300
    with pytest.raises(Invalid, match="at most 300 characters; this has 301"):
        clean_line("🏮" * 301, "title", most=300)


@pytest.mark.parametrize("kept", ["\u202eenola", "a\u200bb", "👩\u200d🚀", "e" + "\u0301" * 200])
def test_what_is_seen_is_kept_as_it_was_written(kept: str) -> None:
    assert clean_line(kept, "title", most=300) == kept


@pytest.mark.parametrize("isolate", ["\u2066", "\u2067", "\u2068", "\u2069"])
def test_an_isolate_that_would_end_ours_is_left_out(isolate: str) -> None:
    """One that a text leaves open takes the page's closing mark: what follows would turn round with it."""
    assert clean_text(f"{isolate}\u202eeman{isolate} a", "text", most=300) == "\u202eeman a"
    assert clean_line(f"a {isolate} \n b", "title", most=300) == "a b"
