"""When a digest is due, and its words."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from sessions_app.insights.digest import MOST_NAMED, Part, ProjectWaits, Row, in_words, is_due, subject

OSLO = ZoneInfo("Europe/Oslo")
KOLKATA = ZoneInfo("Asia/Kolkata")
# A Monday.
DAY = dt.date(2026, 3, 2)
LATE_IN_FEBRUARY = dt.datetime(2026, 2, 28, 23, 30, tzinfo=dt.UTC)


def at(hour: int, minute: int = 0, *, days: int = 0, zone: dt.tzinfo = OSLO) -> dt.datetime:
    return dt.datetime.combine(DAY + dt.timedelta(days=days), dt.time(hour, minute), tzinfo=zone)


@pytest.mark.parametrize("zone", [OSLO, KOLKATA, ZoneInfo("Pacific/Auckland"), ZoneInfo("America/St_Johns")])
def test_it_comes_once_a_day_whatever_hour_the_clock_strikes(zone: ZoneInfo) -> None:
    """Every hour for four weeks, over the change to summer time too: one a day, in the hour of 8."""
    last, sent = None, []
    for hour in range(24 * 28):
        now = dt.datetime(2026, 3, 10, tzinfo=dt.UTC) + dt.timedelta(hours=hour)
        if is_due("daily", last, zone, now):
            last = now
            sent.append(now.astimezone(zone))
    assert len(sent) == len({moment.date() for moment in sent}) in (27, 28, 29)
    assert {moment.hour for moment in sent[1:]} == {8}


def test_a_weekly_one_comes_on_mondays() -> None:
    last, sent = None, []
    for hour in range(24 * 28):
        now = at(0, days=1) + dt.timedelta(hours=hour)
        if is_due("weekly", last or at(9), OSLO, now):
            last = now
            sent.append(now.astimezone(OSLO))
    assert [(moment.weekday(), moment.hour) for moment in sent] == [(0, 8)] * 4


def test_a_worker_that_was_away_catches_up_but_not_at_night() -> None:
    assert is_due("daily", at(8, days=-1), OSLO, at(13, 59))
    assert not is_due("daily", at(8, days=-1), OSLO, at(14))
    assert not is_due("daily", at(8, days=-1), OSLO, at(7, 59))
    assert is_due("weekly", at(8, days=-7), OSLO, at(8, days=1)), "on the next morning"
    assert not is_due("weekly", at(8), OSLO, at(8, days=1))


def test_off_is_never_due() -> None:
    assert not is_due("off", None, OSLO, at(8))


def waits(title: str, *parts: Part) -> ProjectWaits:
    return ProjectWaits(title, f"https://leftoff.example.org/{title}/", parts)


def row(text: str, why: str = "") -> Row:
    # It is the next day in Oslo already.
    return Row(text, "Bob", LATE_IN_FEBRUARY, "https://leftoff.example.org/x/", why)


def test_the_subject_says_how_much_waits_where() -> None:
    one = waits("Lighthouse", Part("questions", 1, [row("Gas or oil?")]))
    two = waits("Marsh", Part("decided", 4, []), Part("notes", 2, []))
    assert subject([one]) == "1 thing waits in Lighthouse"
    assert subject([two]) == "6 things wait in Marsh"
    assert subject([one, two]) == "7 things wait in 2 projects"
    assert len(subject([waits("x" * 300, Part("notes", 1, []))])) < 100


def test_each_kind_has_a_heading_and_its_rows_say_who_when_and_why() -> None:
    [told] = in_words(
        [
            waits(
                "Lighthouse",
                Part("questions", 7, [row(f"Question {number}?", "frees 2 items") for number in range(7)]),
                Part("reviews", 0, []),
                Part("decided", 1, [row("Lamp\nand  lens", "It is\nbrighter")]),
            )
        ],
        OSLO,
    )
    questions, decided = told.sections
    assert questions.heading == "7 questions wait for an answer"
    assert (len(questions.lines), questions.more) == (MOST_NAMED, 2)
    assert (questions.lines[0].text, questions.lines[0].note) == (
        "Question 0?",
        "Bob, Sun 1 Mar: frees 2 items",
    )
    assert decided.heading == "1 decision by others since you were here"
    assert (decided.lines[0].text, decided.lines[0].note) == (
        "Lamp and lens",
        "Bob, Sun 1 Mar: It is brighter",
    )


def test_nothing_in_it_is_longer_than_a_mail_shows() -> None:
    [told] = in_words([waits("x" * 300, Part("notes", 1, [row("note " * 900, "why " * 900)]))], OSLO)
    assert len(told.sections[0].lines[0].text) <= 300
    assert len(told.sections[0].lines[0].note) < 400
