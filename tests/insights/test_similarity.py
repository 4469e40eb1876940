"""Which titles name the same thing, and which seem to say the opposite."""

from __future__ import annotations

import pytest

from sessions_app.insights.similarity import are_same, contradict, words

SAME = [
    ("Rent the mill hall", "rent  mill hall!"),
    ("Rent the mill hall", "The mill hall: rent it"),
    ("The newsletter", "Newsletters"),
    ("Use larger print for the panels", "We use larger print for panels"),
    ("Accessible entrance by the river", "Accesible entrance by the river"),
    ("Keep all the old shelves along the north wall", "Keep all old shelves along the north wall"),
    ("Cafe\u0301 at the door", "Café at the door"),
]
DIFFERENT = [
    ("Rent the mill hall", "Rent the mill hall on Fridays"),
    ("Rent the mill hall", "Sell the mill hall"),
    ("Red bikes", "Blue bikes"),
    ("Chapter 1", "Chapter 2"),
    ("Open on Sundays", "Do not open on Sundays"),
    ("Open on Sundays", "Closed on Sundays"),
    ("Increase the fee", "Decrease the fee"),
    ("Enable the night mode", "Disable the night mode"),
    ("Cats before dogs", "Dogs before cats"),
    ("Tuesday opening", "Thursday opening"),
    ("The", "A"),
    ("", ""),
    ("…", "!"),
]
OPPOSITE = [
    ("Open on Sundays", "Closed on Sundays"),
    ("Open on Sundays", "Do not open on Sundays"),
    ("Allow dogs in the reading room", "No dogs in the reading room"),
    ("Free entry for children", "Paid entry for children"),
    ("Keep the card catalogue", "Remove the card catalogue"),
    ("A weekly newsletter", "Stop the weekly newsletter"),
    ("Weekly newsletter", "Monthly newsletter"),
    ("Public minutes", "Private minutes"),
]
NOT_OPPOSITE = [
    ("Open on Sundays", "Open on Sundays"),
    ("Open on Sundays", "Not closed on Sundays"),
    ("Do not open on Sundays", "Never open on Sundays"),
    ("Open on Sundays", "Closed on Mondays"),
    ("The newsletter", "Stop the newsletter"),
    ("No smoking", "A bench outside"),
    ("Open the hall early", "Close the hall late"),
    ("Do not use 10 seats", "Use 20 seats"),
    ("", "Not"),
    ("Free tea", "Paid staff"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_titles_that_name_the_same(one: str, other: str) -> None:
    assert are_same(words(one), words(other))
    assert are_same(words(other), words(one))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_titles_that_differ(one: str, other: str) -> None:
    assert not are_same(words(one), words(other))
    assert not are_same(words(other), words(one))


@pytest.mark.parametrize(("one", "other"), OPPOSITE)
def test_titles_that_seem_opposite(one: str, other: str) -> None:
    assert contradict(words(one), words(other))
    assert contradict(words(other), words(one))


@pytest.mark.parametrize(("one", "other"), [*NOT_OPPOSITE, *SAME])
def test_titles_that_do_not(one: str, other: str) -> None:
    assert not contradict(words(one), words(other))
    assert not contradict(words(other), words(one))


def test_what_was_rejected_is_contradicted_by_the_same() -> None:
    one, other = words("Use a paper catalogue"), words("Use a paper catalogue again")
    assert contradict(one, other, other_was_rejected=True)
    assert not contradict(words("Do not use a paper catalogue"), other, other_was_rejected=True)
