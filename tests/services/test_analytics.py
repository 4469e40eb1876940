"""The analytics row: computed when it is old, and only then; stored with the versions it is of."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.models import SessionAnalytics
from sessions_app.services import analytics, items, kept_analytics, messages, sessions, steps
from sessions_app.services.errors import NotFound
from tests.conftest import Cast
from tests.doing import HOUR, NINE, add, counter, do, every, report, the


def test_it_is_made_at_first_use(cast: Cast) -> None:
    assert every(SessionAnalytics, cast) == []
    summary = summary_of(cast, "ann")
    row = the(SessionAnalytics, cast)
    assert (row.user_id, row.computed_version) == (cast.ann.id, counter(cast).version)
    assert row.suggested_next_steps == summary["suggestedNextSteps"]
    assert (row.last_activity, row.previous_activity) == (None, None)


def test_it_is_computed_only_when_something_changed(cast: Cast, monkeypatch) -> None:
    computed: list[uuid.UUID] = []
    recompute = analytics.recompute
    monkeypatch.setattr(analytics, "recompute", lambda *args: (computed.append(args[0]), recompute(*args))[1])
    (lamp,) = add(cast, "Lamp")
    changes = (
        lambda: None,
        lambda: do(cast, "bob", messages.post_message, text="Hello"),
        lambda: do(cast, "bob", items.decide_item, lamp.id),
        lambda: start(cast, "ann"),
    )
    for expected, change in enumerate(changes, start=1):
        change()
        for _ in range(3):
            summary_of(cast, "ann")
        assert len(computed) == expected
    start(cast, "bob")
    report(cast, "SomeAgent", {"thought": "about it"})
    summary_of(cast, "ann")
    assert computed.count(cast.ann.id) == len(changes), (
        "another's session, or a report of nothing, is no change"
    )


def test_a_summary_that_is_up_to_date_is_one_statement(cast: Cast) -> None:
    """One statement gives the whole panel."""
    add(cast, "Lamp")
    summary_of(cast, "ann")
    with (
        acting_as(cast.ann.id),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        analytics.get_summary(cast.ann.id, cast.project.id)
    assert len(queries) == 1, [query["sql"][:100] for query in queries]


def test_what_was_folded_meanwhile_stays(cast: Cast) -> None:
    """Between the reading and the keeping a tracked event may be folded, which is the newer one."""
    with clock.at(NINE):
        start(cast, "ann")
    with acting_as(cast.ann.id):
        summary = analytics.get_summary(cast.ann.id, cast.project.id)
        found = analytics.step_facts(cast.ann.id, cast.project.id)
        SessionAnalytics.objects.update(last_activity=NINE + HOUR)
        kept_analytics.keep(analytics.computed(cast.ann.id, cast.project.id, summary, found))
    assert the(SessionAnalytics, cast).last_activity == NINE + HOUR


def test_the_row_says_what_the_summary_says(cast: Cast) -> None:
    lamp, horn, tower, _ = add(cast, "Lamp", "Horn", "Tower", "Keep")
    with clock.at(NINE):
        start(cast, "ann")
        with acting_as(cast.ann.id):
            sessions.end_session(cast.ann.id, cast.project.id)
    with clock.at(NINE + HOUR):
        start(cast, "ann")
    do(cast, "bob", items.decide_item, lamp.id)
    do(cast, "bob", items.decide_item, horn.id)
    do(cast, "bob", items.park_item, tower.id)
    report(cast, "QuestionerAgent", {"question": "Why?"})
    report(cast, "GapDetectionAgent", {"gaps": ["The tides"]})
    summary = summary_of(cast, "ann")
    row = the(SessionAnalytics, cast)
    assert (row.items_decided_since, row.items_exploring, row.items_parked, row.pending_questions) == (
        2,
        1,
        1,
        1,
    )
    assert summary["itemsDecided"] == 2
    assert (row.previous_activity, row.last_activity) == (NINE, NINE + HOUR)
    assert row.active_blockers == summary["activeBlockers"]
    assert [blocker["text"] for blocker in row.active_blockers] == ["The tides"]
    assert (row.computed_version, row.computed_member_version) == (
        summary["version"],
        summary["memberVersion"],
    )


def test_each_person_has_a_row_of_their_own(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    with acting_as(cast.ann.id):
        steps.mark_done(cast.ann.id, cast.project.id, f"item:{lamp.id}")
    assert summary_of(cast, "ann")["suggestedNextSteps"] == []
    assert len(summary_of(cast, "bob")["suggestedNextSteps"]) == 1
    assert len(every(SessionAnalytics, cast)) == 2


def test_nobody_sees_anothers_summary(cast: Cast) -> None:
    """Neither an outsider any, nor a member another member's."""
    for viewer, whose in ((cast.zoe, cast.zoe), (cast.zoe, cast.ann), (cast.bob, cast.ann)):
        with pytest.raises(NotFound), acting_as(viewer.id):
            analytics.get_summary(whose.id, cast.project.id)
    with pytest.raises(NotFound), acting_as_system([cast.project.id]):
        analytics.step_facts(cast.ann.id, cast.other.id)


def test_facts_are_stored_and_no_sentence(cast: Cast) -> None:
    """A stored "3 days ago" would be wrong tomorrow."""
    add(cast, "Lamp")
    (step,) = summary_of(cast, "ann")["suggestedNextSteps"]
    assert set(step) == {
        "id",
        "rule",
        "subject",
        "priority",
        "blocks_others",
        "blocked_count",
        "since",
        "detail",
        "subject_version",
        "frees",
    }


def summary_of(cast: Cast, who: str):
    user = getattr(cast, who)
    with acting_as(user.id):
        return analytics.get_summary(user.id, cast.project.id)


def start(cast: Cast, who: str) -> None:
    user = getattr(cast, who)
    with acting_as(user.id):
        sessions.start_session(user.id, cast.project.id)
