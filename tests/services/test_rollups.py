"""Roll-ups: figures by their definitions, each thing counted once, whatever comes late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from sessions_app import clock
from sessions_app.db import queries
from sessions_app.db.rls import acting_as, acting_as_admin, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.jobs.upkeep import run_upkeep
from sessions_app.ledger import Actor
from sessions_app.models import (
    DecisionLife,
    Item,
    Question,
    RollupFill,
    Session,
    SessionRollup,
    TrackedActivity,
    WorkRollup,
)
from sessions_app.services import imports, items, people, projects, questions, rollups, sessions, tracking
from sessions_app.services.rollups import Filled, roll_up
from tests.conftest import Cast
from tests.doing import DAY, HOUR, NINE, add, at_once, report, the
from tests.services.reckoning import kept, reckoned
from tests.views.test_queries import Record

MINUTE = dt.timedelta(minutes=1)
NEXT_DAY = NINE + DAY


def comes(cast: Cast, who: str, moment: dt.datetime) -> None:
    person = getattr(cast, who)
    with clock.at(moment), acting_as(person.id):
        sessions.start_session(person.id, cast.project.id)


def goes(cast: Cast, who: str, moment: dt.datetime) -> None:
    person = getattr(cast, who)
    with clock.at(moment), acting_as(person.id):
        sessions.end_session(person.id, cast.project.id)


def types(cast: Cast, who: str, moment: dt.datetime) -> None:
    person = getattr(cast, who)
    with clock.at(moment), acting_as(person.id):
        tracking.track_activity(person.id, cast.project.id)


def does(cast: Cast, who: str, moment: dt.datetime, verb: Callable[..., Any], *args: object, **more: object):
    """A verb as the pages do it: it keeps the session alive."""
    person = getattr(cast, who)
    with clock.at(moment), acting_as(person.id):
        made = verb(cast.project.id, Actor.person(person), *args, **more)
        sessions.touch_session(person.id, cast.project.id)
    return made


def filled(cast: Cast, moment: dt.datetime = NEXT_DAY) -> Filled:
    digest_waiting([cast.project.id])
    with clock.at(moment):
        return roll_up(cast.project.id)


def rows(cast: Cast, model: Any, **wanted: object) -> list[Any]:
    """The kept rows, in the order of time."""
    order = "began_at" if model is DecisionLife else "bucket"
    with acting_as_system([cast.project.id]):
        return list(model.objects.filter(project_id=cast.project.id, **wanted).order_by(order))


def assert_true(cast: Cast) -> None:
    """What is kept is what plain Python makes of the records, and the check says so too."""
    assert kept(cast.project.id) == reckoned(cast.project.id)
    assert rollups.check(cast.project.id) == []


@pytest.fixture
def story(cast: Cast) -> Cast:
    """A morning in Lighthouse: Ann comes twice, Bob once, and closes his laptop."""
    with clock.at(NINE - HOUR):
        hall, tent = add(cast, "Hall", "Tent")
    comes(cast, "ann", NINE)
    with clock.at(NINE + MINUTE):
        report(cast, "PlannerAgent", {"question": "How many?"})
    types(cast, "ann", NINE + 2 * MINUTE)
    does(cast, "ann", NINE + 3 * MINUTE, items.decide_item, hall.id)
    does(cast, "ann", NINE + 4 * MINUTE, items.explore_item, hall.id)
    does(cast, "ann", NINE + 10 * MINUTE, items.decide_item, hall.id)
    types(cast, "ann", NINE + 20 * MINUTE)
    comes(cast, "bob", NINE + 20.5 * MINUTE)
    does(cast, "bob", NINE + 21 * MINUTE, items.decide_item, tent.id)
    question = the(Question, cast)
    does(cast, "bob", NINE + 21 * MINUTE, questions.answer_question, question.id, answer="Ten")
    goes(cast, "ann", NINE + 30 * MINUTE)
    comes(cast, "ann", NINE + 4 * HOUR)
    run_upkeep(NINE + 4 * HOUR)
    goes(cast, "ann", NINE + 4 * HOUR + 7 * MINUTE)
    return cast


def test_a_session_comes_to_what_its_definitions_say(story: Cast) -> None:
    assert filled(story).sessions == 3
    first, bobs, second = rows(story, SessionRollup)
    assert (first.user, first.bucket, first.sessions) == (story.ann, NINE, 1)
    # At 0, 2, 3, 4, 10 and 20 of 30 minutes: 2 + 1 + 1 + 5 + 5 + 5 of them active.
    assert (first.span_seconds, first.active_seconds) == ([30 * 60], [19 * 60])
    assert (first.gap_seconds, first.lag_seconds) == ([], [3 * 60])
    # Hall, decided twice.
    assert first.items_decided == [1]
    # Idle since 9:21, when Upkeep noticed much later.
    assert (bobs.user, bobs.bucket) == (story.bob, NINE + 15 * MINUTE)
    assert (bobs.span_seconds, bobs.active_seconds) == ([30], [30])
    assert (bobs.gap_seconds, bobs.lag_seconds, bobs.items_decided) == ([], [30], [1])
    # Nothing done: the start alone counts, and there is no first act.
    assert (second.span_seconds, second.active_seconds) == ([7 * 60], [5 * 60])
    assert (second.gap_seconds, second.lag_seconds) == ([3 * 3600 + 30 * 60], [])
    assert second.items_decided == [0]
    assert_true(story)


def test_work_is_counted_by_kind_and_by_whom(story: Cast) -> None:
    filled(story)
    told = {
        (row.bucket - NINE, row.kind, row.actor_kind): row.times
        for row in rows(story, WorkRollup, bucket__range=(NINE, NINE + HOUR))
    }
    first, second = dt.timedelta(), 15 * MINUTE
    assert told == {
        (first, "question.asked", "agent"): 1,
        (first, "item.decided", "user"): 2,
        (first, "item.explored", "user"): 1,
        (second, "item.decided", "user"): 1,
        (second, "question.answered", "user"): 1,
        (second, "message.posted", "user"): 1,
    }
    [answered] = rows(story, WorkRollup, kind="question.answered")
    assert answered.wait_seconds == [20 * 60]


def test_decisions_live_until_they_are_taken_back(story: Cast) -> None:
    filled(story)
    told = [
        (row.began_at - NINE, row.actor_kind, row.ended_at and row.ended_at - NINE, row.end)
        for row in rows(story, DecisionLife)
    ]
    assert told == [
        (3 * MINUTE, "user", 4 * MINUTE, "reopened"),
        (10 * MINUTE, "user", None, ""),
        (21 * MINUTE, "user", None, ""),
    ]


def test_what_comes_weeks_later_goes_where_it_belongs(story: Cast) -> None:
    filled(story)
    later = NINE + 21 * DAY
    comes(story, "bob", later)
    [tent] = [row for row in rows(story, DecisionLife) if row.began_at == NINE + 21 * MINUTE]
    does(story, "bob", later + MINUTE, items.explore_item, tent.item_id)
    assert filled(story, later + HOUR) == Filled(sessions=0, activities=1, lives=1)
    assert (rows(story, DecisionLife)[-1].ended_at, rows(story, DecisionLife)[-1].end) == (
        *(later + MINUTE, "reopened"),
    )
    # His session is still under way: it will belong to the quarter it began in, whenever it ends.
    goes(story, "bob", later + 2 * MINUTE)
    assert filled(story, later + 2 * DAY).sessions == 1
    assert rows(story, SessionRollup, user=story.bob)[-1].bucket == later
    assert_true(story)


def test_a_session_joins_another_of_the_same_quarter(story: Cast) -> None:
    filled(story)
    for minute in (31, 34):
        comes(story, "ann", NINE + 5 * HOUR + minute * MINUTE)
        goes(story, "ann", NINE + 5 * HOUR + (minute + 2) * MINUTE)
        filled(story)
    [row] = rows(story, SessionRollup, bucket=NINE + 5.5 * HOUR)
    assert (row.sessions, row.span_seconds, row.gap_seconds) == (2, [120, 120], [5040, 60])
    assert_true(story)


def test_filling_twice_changes_nothing(story: Cast) -> None:
    first = filled(story)
    assert first.activities == the_version(story) + 1  # the answer's two rows carry one version
    before = kept(story.project.id)
    assert filled(story) == Filled()
    assert kept(story.project.id) == before


def the_version(cast: Cast) -> int:
    with acting_as_system([cast.project.id]):
        return RollupFill.objects.get(project=cast.project).version


def test_two_fills_at_once_count_everything_once(story: Cast) -> None:
    digest_waiting([story.project.id])

    def fill() -> Filled:
        return roll_up(story.project.id)

    done = at_once(fill, fill, fill)
    assert sorted(done, key=lambda one: one.sessions)[:2] == [Filled(), Filled()]
    assert_true(story)


def test_a_fill_that_fails_in_the_middle_leaves_nothing_half_done(story: Cast, monkeypatch) -> None:
    run = queries.rows

    def breaks(name: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        if name == "fill_decision_lives":
            raise RuntimeError("broken")
        return run(name, parameters)

    monkeypatch.setattr(queries, "rows", breaks)
    with pytest.raises(RuntimeError):
        filled(story)
    assert kept(story.project.id) == ({}, {}, {})
    monkeypatch.undo()
    assert filled(story).sessions == 3
    assert_true(story)


def test_input_that_waits_is_waited_for(story: Cast) -> None:
    comes(story, "bob", NINE + 6 * HOUR)
    types(story, "bob", NINE + 6 * HOUR + 7 * MINUTE)
    goes(story, "bob", NINE + 6 * HOUR + 10 * MINUTE)
    digest_waiting([story.project.id])
    with acting_as_system([story.project.id]):
        waiting = TrackedActivity.objects.filter(user=story.bob)
        waiting.update(digested_at=None)
    with clock.at(NEXT_DAY):
        assert roll_up(story.project.id).sessions == 3
        assert story.project.id not in rollups.projects_due(NEXT_DAY)
    with acting_as_system([story.project.id]):
        waiting.update(digested_at=NEXT_DAY)
    assert story.project.id in rollups.projects_due(NEXT_DAY)
    assert filled(story).sessions == 1
    assert rows(story, SessionRollup, user=story.bob)[-1].active_seconds == [8 * 60]


def test_a_session_that_ended_this_moment_is_left_for_the_next_minute(story: Cast) -> None:
    comes(story, "bob", NEXT_DAY - 10 * MINUTE)
    goes(story, "bob", NEXT_DAY)
    assert filled(story).sessions == 3
    assert filled(story, NEXT_DAY + MINUTE).sessions == 1


def test_only_projects_that_are_behind_are_due(story: Cast) -> None:
    digest_waiting([story.project.id])
    assert set(rollups.projects_due(NEXT_DAY)) == {story.project.id, story.other.id}
    for project in (story.project, story.other):
        with clock.at(NEXT_DAY):
            roll_up(project.id)
    assert rollups.projects_due(NEXT_DAY) == []
    add(story, "Barn")
    assert rollups.projects_due(NEXT_DAY) == [story.project.id]


@pytest.mark.parametrize(
    "zone", ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"]
)
def test_a_day_of_any_time_zone_is_a_whole_number_of_buckets(cast: Cast, zone: str) -> None:
    midnight = NINE.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0)
    second = dt.timedelta(seconds=1)
    for moment in (midnight - 2 * second, midnight):
        comes(cast, "ann", moment)
        goes(cast, "ann", moment + second)
    filled(cast)
    last, first = rows(cast, SessionRollup)
    assert (last.bucket, first.bucket) == (midnight - 15 * MINUTE, midnight)
    # Begun before midnight, it belongs to the day before, whenever it ends.
    assert last.span_seconds == [1]


def test_an_import_is_the_systems_work(story: Cast) -> None:
    filled(story)
    with clock.at(NEXT_DAY), acting_as_system([story.project.id]):
        records = [Record(str(number), f"Rule {number}", "decided") for number in range(3)]
        imports.import_rows(story.project.id, "adr", records)
    filled(story, NEXT_DAY + HOUR)
    [decided] = rows(story, WorkRollup, kind="item.decided", actor_kind="system")
    assert (decided.bucket, decided.times) == (NEXT_DAY, 3)
    assert len(rows(story, DecisionLife, actor_kind="system")) == 3
    assert_true(story)


def test_a_decision_nobody_could_see_has_no_life(cast: Cast) -> None:
    [hall] = add(cast, "Hall")
    with acting_as(cast.ann.id):
        for verb in (items.decide_item, items.explore_item, items.decide_item):
            verb(cast.project.id, cast.actor("ann"), hall.id)
    filled(cast, clock.now() + DAY)
    assert [row.end for row in rows(cast, DecisionLife)] == [""]


def test_a_rebuild_gives_what_the_fills_gave(story: Cast) -> None:
    filled(story)
    before = kept(story.project.id)
    with acting_as_system([story.project.id]):
        WorkRollup.objects.all().update(times=7)
        DecisionLife.objects.all().delete()
        Session.objects.filter(user=story.bob).update(active_seconds=1, items_decided=9)
        Item.objects.filter(title="Hall").update(title="Hall of fame")
    assert rollups.rebuild(story.project.id).sessions == 3
    assert kept(story.project.id) == before
    assert_true(story)


def test_a_rebuild_keeps_what_pruned_input_was_measured_to(story: Cast) -> None:
    filled(story)
    before = kept(story.project.id)
    with acting_as_system([story.project.id]):
        TrackedActivity.objects.all().delete()
    assert rollups.check(story.project.id) == []
    # Ann's second session and Bob's had no input: only these can be measured again.
    assert rollups.rebuild(story.project.id).sessions == 2
    assert kept(story.project.id) == before


def test_the_check_names_what_differs(story: Cast) -> None:
    filled(story)
    with acting_as_system([story.project.id]):
        Session.objects.filter(user=story.bob).update(lag_seconds=31)
        WorkRollup.objects.filter(kind="item.explored").update(times=2)
        DecisionLife.objects.filter(end="reopened").delete()
    told = [str(difference) for difference in rollups.check(story.project.id)]
    assert [text.split()[0] for text in told] == [
        *("decision_lives", "session_rollups", "user_sessions", "work_rollups"),
    ]
    assert told[1].endswith(": lag_seconds [30] instead of [31]")
    assert told[2].endswith(": lag_seconds 31 instead of 30")
    assert told[3].endswith(" item.explored user: times 2 instead of 1")


def test_what_is_only_behind_is_no_drift(story: Cast) -> None:
    assert rollups.check(story.project.id) == []
    filled(story)
    does(story, "ann", NEXT_DAY, items.decide_item, add(story, "Barn")[0].id)
    assert rollups.check(story.project.id) == []


def test_a_project_that_is_gone_has_nothing_to_fill(story: Cast) -> None:
    filled(story)
    with acting_as(story.ann.id):
        projects.delete_project(story.project.id, confirm_title="Lighthouse")
    for project_id in (story.project.id, uuid4()):
        assert roll_up(project_id) == rollups.rebuild(project_id) == Filled()
        assert rollups.check(project_id) == []


def test_members_see_their_own_projects_roll_ups_only(story: Cast) -> None:
    filled(story)
    with clock.at(NEXT_DAY):
        roll_up(story.other.id)
    for name, theirs in (("vera", story.project), ("zoe", story.other)):
        with acting_as(getattr(story, name).id):
            seen = set(WorkRollup.objects.values_list("project_id", flat=True))
        assert seen == {theirs.id}
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from work_rollups")
        assert cursor.fetchone() == (0,)


def test_figures_of_an_erased_person_stay_under_nobodys_name(story: Cast) -> None:
    filled(story)
    with acting_as_admin():
        people.erase_person(story.bob.id)
    filled(story, NEXT_DAY + HOUR)
    assert rows(story, SessionRollup, user=story.bob)[0].items_decided == [1]
    assert rollups.check(story.project.id) == []
