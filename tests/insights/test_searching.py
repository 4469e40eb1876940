"""What was typed, taken apart."""

from __future__ import annotations

import pytest

from sessions_app.insights.searching import parse


@pytest.mark.parametrize(
    ("typed", "before", "last"),
    [
        ("", "", ""),
        ("roof", "", "roof"),
        ("  the   new  roo ", "the new ", "roo"),
        # Nothing begins that has ended.
        ("roof?", "", ""),
        ('"red roof"', "", ""),
        ('"red roo', '"red ', "roo"),
        # One letter begins half of all words; one sign of another script may be a word.
        ("roof t", "", ""),
        ("屋", "", "屋"),
        ("e-mai", "e-", "mai"),
        ("snake_ca", "snake_", "ca"),
    ],
)
def test_the_last_word_may_be_a_beginning(typed: str, before: str, last: str) -> None:
    search = parse(typed)
    assert (search.before, search.last) == (before, last)
    assert search.words == " ".join(typed.split())
    assert search.as_written


@pytest.mark.parametrize(
    ("typed", "last"), [("roof -leaks", ""), ('roof -"leaks of ra', ""), ("-leaks roo", "roo")]
)
def test_what_is_left_out_goes_by_its_stem_and_begins_nothing(typed: str, last: str) -> None:
    assert not parse(typed).as_written
    assert parse(typed).last == last
