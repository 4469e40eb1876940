"""What changed since the last session: by day and by who, from what to what."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.models import Blocker, Item, Question
from sessions_app.panels import changes, ledger_runs
from sessions_app.panels.days import day_label
from sessions_app.panels.ledger_lines import Line
from sessions_app.panels.ledger_words import SHOWN_KINDS, WORDS, run_in_words
from sessions_app.services import dependencies, items, members, messages, projects, reviews, sessions
from tests.conftest import Cast
from tests.doing import DAY, HOUR, NOON, add, by_agent, do, every, report, seeing, the


def test_a_first_session_sees_everything(cast: Cast) -> None:
    add(cast, "Lamp")
    shown = changes_for(cast)
    assert (shown.total, shown.more, shown.older, shown.is_empty) == (2, 0, "", False)
    assert [line.verb for line in lines(shown)] == ["added", "created"]


def test_later_only_what_came_after_the_last_session(cast: Cast) -> None:
    add(cast, "Before")
    visit(cast)
    assert changes_for(cast).is_empty
    add(cast, "After")
    shown = changes_for(cast)
    assert [line.subject for line in lines(shown)] == ["After"]


def test_they_are_grouped_by_day_and_by_who(cast: Cast) -> None:
    """Newest first; runs of one actor are folded, and the order of time stays."""
    visit(cast)
    with clock.at(NOON - DAY):
        add(cast, "One", "Two")
    with clock.at(NOON - DAY + HOUR):
        do(cast, "ann", items.add_item, title="Three")
    with clock.at(NOON - DAY + 2 * HOUR):
        add(cast, "Four")
    with clock.at(NOON):
        by_agent(cast, "GapDetectionAgent", items.add_item, title="Five")
        shown = changes_for(cast)
    assert [
        (day.label, [(group.who, group.is_agent, len(group.lines)) for group in day.groups])
        for day in shown.days
    ] == [
        ("Today", [("GapDetectionAgent", True, 1)]),
        ("Yesterday", [("Bob", False, 1), ("Ann", False, 1), ("Bob", False, 2)]),
    ]
    assert [group.by for day in shown.days for group in day.groups] == [
        None,
        cast.bob.id,
        cast.ann.id,
        cast.bob.id,
    ]
    assert [group.summary for day in shown.days for group in day.groups] == [
        "1 new item",
        "1 new item",
        "1 new item",
        "2 new items",
    ]
    assert [line.subject for line in lines(shown)] == ["Five", "Four", "Three", "Two", "One"]


def test_a_day_is_one_of_the_readers_time_zone(cast: Cast) -> None:
    """An hour before midnight in London is tomorrow in Kiritimati."""
    visit(cast)
    with clock.at(dt.datetime(2026, 3, 2, 23, tzinfo=dt.UTC)):
        add(cast, "Late")
    assert [day.label for day in changes_for(cast).days] == [day_label(dt.date(2026, 3, 2))]
    with timezone.override("Pacific/Kiritimati"):
        assert [day.label for day in changes_for(cast).days] == [day_label(dt.date(2026, 3, 3))]


def test_days_have_names() -> None:
    with clock.at(NOON):
        assert day_label(NOON.date()) == "Today"
        assert day_label(NOON.date() - DAY) == "Yesterday"
        assert day_label(dt.date(2020, 11, 17)) == "Tuesday 17 November 2020"
        assert day_label(dt.date(2026, 1, 1)) == "Thursday 1 January"


def test_a_line_says_from_what_to_what_and_why(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    visit(cast)
    do(cast, "bob", items.decide_item, lamp.id, reason="It is light")
    do(cast, "bob", items.explore_item, lamp.id)
    do(cast, "bob", items.delete_item, lamp.id)
    deleted, reopened, decided = lines(changes_for(cast))
    assert (decided.verb, decided.subject, decided.before, decided.after, decided.reason) == (
        "decided",
        "Lamp",
        "exploring",
        "decided",
        "It is light",
    )
    assert (reopened.verb, reopened.before, reopened.after) == ("reopened", "decided", "exploring")
    assert (deleted.verb, deleted.before, deleted.url) == ("deleted", "exploring", "")
    assert decided.url.endswith(f"/items/{lamp.id}/")


def test_an_edit_shows_no_dictionary(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    visit(cast)
    do(cast, "bob", items.edit_item, lamp.id, title="Lens", text="", version=lamp.version)
    (edited,) = lines(changes_for(cast))
    assert (edited.verb, edited.subject, edited.before, edited.after) == ("edited", "Lens", "", "")


def test_each_kind_names_its_subject(cast: Cast) -> None:
    visit(cast)
    do(cast, "ann", projects.rename_project, title="Beacon")
    do(cast, "ann", members.change_role, cast.vera.id, role="editor")
    report(cast, "QuestionerAgent", {"question": "Which coast?"})
    report(cast, "GapDetectionAgent", {"gaps": ["The tides"]})
    raised, asked, role, renamed = lines(changes_for(cast))
    assert (renamed.verb, renamed.subject) == ("renamed the project to", "Beacon")
    assert (role.verb, role.subject) == ("changed the role of", "Vera")
    assert (asked.verb, asked.subject) == ("asked", "Which coast?")
    assert asked.url.endswith(f"/questions/?at={the(Question, cast).id}#question-{the(Question, cast).id}")
    assert (raised.verb, raised.subject) == ("raised", "The tides")
    assert raised.url.endswith(f"/blockers/?at={the(Blocker, cast).id}#blocker-{the(Blocker, cast).id}")


def test_nothing_is_told_twice(cast: Cast) -> None:
    """Talk has its own marker in the chat; a blocker that hangs on an item or question follows that."""
    lamp, tower = add(cast, "Lamp", "Tower")
    visit(cast)
    do(cast, "bob", messages.post_message, text="Hello")
    do(cast, "bob", dependencies.add_dependency, waiting_id=lamp.id, blocking_id=tower.id)
    report(cast, "ClarificationAgent", {"question": "Which coast?"})
    do(cast, "bob", items.delete_item, tower.id)
    told = [(line.verb, line.subject) for line in lines(changes_for(cast))]
    assert told == [("deleted", "Tower"), ("asked", "Which coast?")]


def test_a_contest_is_told_once_not_as_a_question_too(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    do(cast, "bob", items.decide_item, lamp.id)
    visit(cast)
    do(cast, "bob", reviews.contest_item, lamp.id, reason="Too dear")
    (told,) = lines(changes_for(cast))
    assert (told.verb, told.subject, told.reason) == ("contested", "Lamp", "Too dear")


def test_a_long_list_says_how_many_more(cast: Cast, monkeypatch) -> None:
    """Whole runs only: what is cut off begins another one."""
    monkeypatch.setattr(changes, "MOST_LINES", 3)
    visit(cast)
    add(cast, *"ABC")
    do(cast, "ann", items.add_item, title="D")
    add(cast, "E")
    shown = changes_for(cast)
    assert (shown.total, [line.subject for line in lines(shown)], shown.more) == (5, ["E", "D"], 3)


def test_a_long_run_is_told_by_what_it_counts(cast: Cast) -> None:
    """An agent's night of hundreds of changes is a line of counts and its last few lines."""
    visit(cast)
    titles = [f"Idea {n}" for n in range(30)]
    for title in titles:
        by_agent(cast, "PlannerAgent", items.add_item, title=title)
    for item in every(Item, cast)[:20]:
        by_agent(cast, "PlannerAgent", items.decide_item, item.id)
    shown = changes_for(cast)
    (group,) = shown.days[0].groups
    assert (group.total, group.is_long, group.summary) == (50, True, "50 changes")
    assert [(count.did, count.number) for count in group.counts] == [("decided", 20), ("added", 30)]
    assert (len(group.first_lines), len(group.lines)) == (3, ledger_runs.LONG_RUN)
    assert (shown.total, shown.more) == (50, 0)


def test_what_an_agent_looked_at_are_notes(cast: Cast) -> None:
    visit(cast)
    report(cast, "GapDetectionAgent", {"gaps": ["The tides", {"description": "Gas", "question": "Or oil?"}]})
    report(cast, "QuestionerAgent", {"question": "Who keeps it?"})
    groups = [group for day in changes_for(cast).days for group in day.groups]
    assert [(group.who, group.summary) for group in groups] == [
        ("QuestionerAgent", "1 question"),
        ("GapDetectionAgent", "2 notes"),
    ]


def test_every_kind_that_is_shown_has_a_word_of_its_own() -> None:
    named = [kind for word in WORDS.values() for kind in word.kinds]
    assert sorted(named) == sorted(SHOWN_KINDS)
    assert run_in_words({"decided": 2, "asked": 1}, is_agent=True) == "3 changes"


def changes_for(cast: Cast) -> ledger_runs.Changes:
    """What Ann is shown."""
    with seeing(cast) as view:
        return changes.context(view)["changes"]


def lines(shown: ledger_runs.Changes) -> list[Line]:
    return [line for day in shown.days for group in day.groups for line in group.lines]


def visit(cast: Cast) -> None:
    """A session of Ann's that is over."""
    with acting_as(cast.ann.id):
        sessions.start_session(cast.ann.id, cast.project.id)
        sessions.end_session(cast.ann.id, cast.project.id)
