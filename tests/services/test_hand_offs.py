"""Leaving a hand-off: one for each session, seen by the others until they were here after it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.models import HandOff, Session
from sessions_app.models.hand_offs import HAND_OFF_MAX_CHARACTERS
from sessions_app.services import analytics, briefing, hand_offs, items, sessions
from sessions_app.services.errors import NotFound
from tests.conftest import Cast
from tests.doing import (
    HOUR,
    NINE,
    NOT_TEXT,
    add,
    at_once,
    counter,
    do,
    every,
    kinds,
    nothing_changes,
    refused_field,
    seeing,
    the,
)


def begin(cast: Cast, who: str) -> Session:
    with acting_as(getattr(cast, who).id):
        return sessions.start_session(getattr(cast, who).id, cast.project.id)[0]


def end(cast: Cast, who: str) -> None:
    with acting_as(getattr(cast, who).id):
        sessions.end_session(getattr(cast, who).id, cast.project.id)


def leave(cast: Cast, who: str, text: str, **more: Any) -> HandOff:
    return do(cast, who, hand_offs.leave_hand_off, text=text, **more)


def notes(cast: Cast, who: str) -> list[tuple[str, str]]:
    """Whose notes somebody finds, and what they say."""
    with acting_as(getattr(cast, who).id):
        found = analytics.get_summary(getattr(cast, who).id, cast.project.id)["handOffs"]
    return [(row["by"], row["text"]) for row in found]


def test_it_is_left_for_the_session_and_noted(cast: Cast) -> None:
    session = begin(cast, "bob")
    with clock.at(NINE):
        left = leave(cast, "bob", "  The lens is next.  ")
    assert (left.text, left.session_id, left.user_id) == ("The lens is next.", session.id, cast.bob.id)
    assert (left.version, left.created_at) == (counter(cast).version, NINE)
    assert kinds(cast)[-1] == "hand_off.left"


def test_said_again_the_words_are_replaced(cast: Cast) -> None:
    begin(cast, "bob")
    first, second = leave(cast, "bob", "First"), leave(cast, "bob", "Second")
    assert first.id == second.id
    assert the(HandOff, cast).text == "Second"
    with nothing_changes():
        leave(cast, "bob", "Second")
    begin(cast, "bob")
    leave(cast, "bob", "Of another visit")
    assert [row.text for row in every(HandOff, cast)] == ["Second", "Of another visit"]


def test_two_at_once_leave_one(cast: Cast) -> None:
    begin(cast, "bob")
    left = at_once(lambda: leave(cast, "bob", "One"), lambda: leave(cast, "bob", "Two"))
    assert left[0].id == left[1].id
    assert the(HandOff, cast).text in ("One", "Two")


def test_others_find_it_until_they_were_here_after_it(cast: Cast) -> None:
    begin(cast, "bob")
    leave(cast, "bob", "The lens is next.")
    end(cast, "bob")
    assert notes(cast, "ann") == [("Bob", "The lens is next.")], "a first visit finds it too"
    begin(cast, "ann")
    assert notes(cast, "ann") == [("Bob", "The lens is next.")], "while the session goes on"
    end(cast, "ann")
    assert notes(cast, "ann") == []
    assert notes(cast, "bob") == [], "it is no news to who left it"
    begin(cast, "bob")
    leave(cast, "bob", "The lens is decided.")
    assert notes(cast, "ann") == [("Bob", "The lens is decided.")]


def test_the_newest_two_are_shown(cast: Cast) -> None:
    for text in ("One", "Two", "Three"):
        begin(cast, "bob")
        leave(cast, "bob", text)
    assert [text for _who, text in notes(cast, "ann")] == ["Three", "Two"]


def test_who_says_they_are_caught_up_finds_it_no_more(cast: Cast) -> None:
    begin(cast, "bob")
    left = leave(cast, "bob", "The lens is next.")
    with acting_as(cast.ann.id):
        cast.ann.memberships.filter(project=cast.project).update(caught_up_version=left.version)
    assert notes(cast, "ann") == []


def test_leaving_and_ending_is_one_act_that_is_no_news_to_oneself(cast: Cast) -> None:
    session = begin(cast, "bob")
    with acting_as(cast.bob.id):
        hand_offs.leave_hand_off(cast.project.id, cast.actor("bob"), text="Done.", session_id=session.id)
        sessions.end_session(cast.bob.id, cast.project.id)
    ended = the(Session, cast)
    assert (ended.is_active, ended.end_version) == (False, counter(cast).version)
    with seeing(cast, "bob") as view:
        assert view.summary.nothing_new


def test_a_session_that_ended_meanwhile_still_takes_its_note(cast: Cast) -> None:
    with clock.at(NINE):
        session = begin(cast, "bob")
    with clock.at(NINE + HOUR):
        end(cast, "bob")
        assert leave(cast, "bob", "Late", session_id=session.id).session_id == session.id


@pytest.mark.parametrize("text", ["", " \n ", "x" * (HAND_OFF_MAX_CHARACTERS + 1), *NOT_TEXT])
def test_a_bad_text_is_refused(cast: Cast, text: str) -> None:
    begin(cast, "bob")
    assert refused_field(leave, cast, "bob", text) == "text"


def test_only_for_a_session_of_ones_own(cast: Cast) -> None:
    others = begin(cast, "ann")
    for session_id in (others.id, uuid.uuid4(), None):
        with nothing_changes(), pytest.raises(NotFound):
            leave(cast, "bob", "Not mine", session_id=session_id)


def test_agents_and_people_read_it_in_the_briefing(cast: Cast) -> None:
    """Labelled as a person's: it is not another agent that speaks."""
    (lamp,) = add(cast, "Lamp")
    begin(cast, "bob")
    do(cast, "bob", items.decide_item, lamp.id)
    leave(cast, "bob", "The lens is next.")
    with acting_as(cast.ann.id):
        for agent_type in ("PlannerAgent", ""):
            found = briefing.briefing(
                cast.project.id, agent_type=agent_type, user_id=None if agent_type else cast.ann.id
            )
            [note] = found.handed_over.rows
            assert (note.by, note.summary, note.by_person) == ("Bob", "The lens is next.", True)


def test_the_briefing_names_the_newest_and_counts_the_others(cast: Cast) -> None:
    for number in range(5):
        with clock.at(NINE + number * HOUR):
            begin(cast, "bob")
            leave(cast, "bob", f"Note {number}")
    with clock.at(NINE + 5 * HOUR), acting_as(cast.ann.id):
        found = briefing.briefing(cast.project.id, user_id=cast.ann.id).handed_over
    assert ([row.summary for row in found.rows], found.total) == (["Note 4", "Note 3", "Note 2"], 5)
