"""Questions, blockers, steps, history, reports, projects: what their partials are given."""

from __future__ import annotations

import re
import uuid
from contextlib import nullcontext

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_admin, acting_as_system
from sessions_app.insights.step_row import StepRow
from sessions_app.models import Membership, SessionAnalytics
from sessions_app.panels import (
    PANELS,
    blockers,
    history,
    projects,
    questions,
    reports,
    steps,
    viewing,
)
from sessions_app.services import analytics, dependencies, items, members, sessions
from sessions_app.services import projects as project_services
from sessions_app.services import steps as step_services
from tests.conftest import Cast
from tests.doing import DAY, HOUR, NINE, add, do, report, seeing
from tests.panels.test_changes import visit

# --- questions -----------------------------------------------------------------------------------

# The same in every process that collects these tests.
AN_ID = uuid.UUID("5d3c3b0e-7f0a-4c53-9b7e-0f2f9f3a9c11")


def test_questions_that_hold_something_up_come_first(cast: Cast) -> None:
    lamp, horn = add(cast, "Lamp", "Horn")
    report(cast, "QuestionerAgent", {"question": "Any?"})
    asked = {"question": "How bright?", "importance": "high", "category": "lamp", "options": ["Very"]}
    report(cast, "QuestionerAgent", {"questions": [asked], "blocks": [str(lamp.id), str(horn.id)]})
    report(cast, "QuestionerAgent", {"questions": [asked], "blocks": [str(lamp.id), str(horn.id)]})
    with seeing(cast) as view:
        context = questions.context(view)
    first, second = context["questions"]
    assert (first.text, first.importance, first.category, first.options) == (
        "How bright?",
        "high",
        "lamp",
        ("Very",),
    )
    assert (first.agent_type, first.frees, first.reach) == ("QuestionerAgent", 2, "frees 2 items")
    assert {item.title for item in first.blocked_items} == {"Lamp", "Horn"}
    assert (second.text, second.reach) == ("Any?", "")
    assert context["questions_total"] == 2


def test_an_item_that_is_decided_is_held_up_no_more(cast: Cast) -> None:
    lamp, horn = add(cast, "Lamp", "Horn")
    report(cast, "QuestionerAgent", {"question": "How bright?", "blocks": [str(lamp.id), str(horn.id)]})
    do(cast, "bob", items.decide_item, lamp.id)
    with seeing(cast) as view:
        (question,) = questions.context(view)["questions"]
    assert [item.title for item in question.blocked_items] == ["Horn"]


def test_many_questions_are_cut_and_counted_whole(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(questions, "MOST_SHOWN", 3)
    report(cast, "QuestionerAgent", {"questions": [f"Question {n}?" for n in range(5)]})
    with seeing(cast) as view:
        context = questions.context(view)
    assert [question.text for question in context["questions"]] != []
    assert (len(context["questions"]), context["questions_total"]) == (3, 5)


# --- blockers ------------------------------------------------------------------------------------


def test_blockers_name_what_they_stop(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    report(cast, "GapDetectionAgent", {"gaps": ["The tides"]})
    do(cast, "bob", dependencies.add_dependency, waiting_id=lamp.id, blocking_id=tower.id)
    with seeing(cast) as view:
        context = blockers.context(view)
    first, second = context["blockers"]
    assert (first.text, first.source, first.item_id, first.blocked_count) == (
        "Tower",
        "dependency",
        tower.id,
        1,
    )
    assert [item.title for item in first.items] == ["Lamp"]
    assert (second.text, second.type, second.agent_type) == (
        "The tides",
        "information",
        "GapDetectionAgent",
    )
    assert (second.question_id, second.items, context["blockers_total"]) == (None, (), 2)


# --- steps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step_id", "place"),
    [
        ("question:{id}", "/projects/{project}/questions/?at={id}#question-{id}"),
        ("blocker:{id}", "/projects/{project}/blockers/?at={id}#blocker-{id}"),
        ("item:{id}", "/projects/{project}/items/{id}/"),
        ("item:{id}:wake", "/projects/{project}/items/{id}/"),
        ("item:{id}:review", "/projects/{project}/items/{id}/"),
        ("project:{id}", "/projects/{project}/#exploring"),
    ],
)
def test_a_step_leads_to_where_it_is_done(step_id: str, place: str) -> None:
    subject, project = uuid.uuid4(), uuid.uuid4()
    row = StepRow(
        id=step_id.format(id=subject),
        rule="answer",
        subject="",
        priority="low",
        blocks_others=False,
        blocked_count=0,
        since=None,
        detail="",
        subject_version=1,
    )
    assert steps.step_url(project, row) == place.format(id=subject, project=project)


def test_steps_are_worded_now_and_not_when_they_were_computed(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    with clock.at(NINE):
        do(cast, "bob", items.edit_item, lamp.id, title="Lens", text="", version=lamp.version)
        with seeing(cast) as view:
            (now,) = steps.context(view)["steps"]
    with clock.at(NINE + 3 * DAY), seeing(cast) as view:
        (later,) = steps.context(view)["steps"]
    assert (now.text, now.reason) == ("Decide “Lens”", "Not decided yet; changed just now.")
    assert later.reason == "Not decided yet; unchanged for 3 days."
    assert (now.id, now.kind) == (later.id, "")


def test_steps_put_aside_say_how(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    with acting_as(cast.ann.id):
        step_services.snooze(cast.ann.id, cast.project.id, f"item:{lamp.id}", "week")
    with seeing(cast) as view:
        context = steps.context(view)
    assert [step.kind for step in context["hidden_steps"]] == ["snoozed"]
    assert context["steps"] == []


# --- the summary ---------------------------------------------------------------------------------


def test_back_again_and_nothing_moved(cast: Cast) -> None:
    with seeing(cast) as view:
        assert (view.summary.is_first, view.summary.nothing_new, view.summary.sentence) == (True, False, "")
    visit(cast)
    with seeing(cast) as view:
        assert (view.summary.is_first, view.summary.nothing_new) == (False, True)
        assert re.fullmatch(r"Nothing new since \d\d:\d\d\.", view.summary.sentence)
    add(cast, "Lamp")
    with seeing(cast) as view:
        assert not view.summary.nothing_new


def test_a_page_shows_both_versions(cast: Cast) -> None:
    visit(cast)
    with seeing(cast) as view:
        assert view.version == f"{view.summary.version}.{view.summary.member_version}"


def test_all_panels_together_cost_a_fixed_number_of_statements(cast: Cast) -> None:
    """Each panel of the page is at most one statement, however much there is to show."""
    costs = []
    for size in (2, 12):
        add(cast, *(f"Item {size}.{n}" for n in range(size)))
        report(cast, "QuestionerAgent", {"questions": [f"Question {size}.{n}?" for n in range(size)]})
        with seeing(cast) as view, CaptureQueriesContext(connection) as queries:
            context = {name: panel.context(view) for name, panel in PANELS.items()}
        costs.append(len(queries))
    assert costs[0] == costs[1] <= len(PANELS), [query["sql"][:200] for query in queries]
    assert context["items"].keys() >= {"columns"}


# --- history, reports, the list of projects ------------------------------------------------------


def test_an_owner_sees_all_sessions_others_their_own(cast: Cast) -> None:
    for who in ("ann", "bob"):
        user = getattr(cast, who)
        with acting_as(user.id):
            sessions.start_session(user.id, cast.project.id)
    assert {session.who for session in sessions_of(cast, "ann")["sessions"]} == {"Ann", "Bob"}
    assert [session.who for session in sessions_of(cast, "bob")["sessions"]] == ["Bob"]
    assert sessions_of(cast, "vera")["sessions"] == []


def test_the_history_is_paged_newest_first(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(history, "SESSIONS_A_PAGE", 2)
    for n in range(5):
        with clock.at(NINE + n * HOUR), acting_as(cast.ann.id):
            sessions.start_session(cast.ann.id, cast.project.id)
        with clock.at(NINE + n * HOUR + HOUR / 6), acting_as(cast.ann.id):
            sessions.end_session(cast.ann.id, cast.project.id)
    starts, older, pages = [], "", 0
    while pages == 0 or older:
        context = sessions_of(cast, "ann", older)
        starts += [session.start for session in context["sessions"]]
        older, pages = context["older"], pages + 1
    assert starts == [NINE + n * HOUR for n in reversed(range(5))]
    assert pages == 3
    assert {session.minutes for session in sessions_of(cast, "ann")["sessions"]} == {10}


@pytest.mark.parametrize("older", ["x", "2026-03-02T09:00:00~", f"2026-03-02~{AN_ID}", "~"])
def test_another_place_in_the_history_is_refused(cast: Cast, older: str) -> None:
    with pytest.raises(ValueError):
        sessions_of(cast, "ann", older)


def test_the_feed_shows_every_report_and_what_it_became(cast: Cast) -> None:
    report(cast, "SomeAgent", {"thought": "about it"})
    report(cast, "GapDetectionAgent", {"gaps": ["One", {"description": "Two", "question": "What?"}]})
    feed = feed_of(cast)["reports"]
    assert [(row.agent_type, row.became) for row in feed] == [
        ("GapDetectionAgent", "1 question, 2 blockers"),
        ("SomeAgent", ""),
    ]
    assert '"thought": "about it"' in feed[1].details_text


def test_paging_the_feed_reaches_each_report_once(cast: Cast, monkeypatch) -> None:
    """Also those that came in at the same moment."""
    monkeypatch.setattr(reports, "REPORTS_A_PAGE", 3)
    for moment in (NINE, NINE + HOUR):
        with clock.at(moment):
            for n in range(5):
                report(cast, "SomeAgent", {"n": n})
    found, older, pages = [], "", 0
    while pages == 0 or older:
        context = feed_of(cast, older)
        found += [row.id for row in context["reports"]]
        older, pages = context["older"], pages + 1
    assert len(found) == len(set(found)) == 10


def test_the_list_of_projects_says_what_waits_in_each(cast: Cast) -> None:
    with acting_as(cast.ann.id):
        quiet = project_services.create_project(cast.ann, title="Quiet")
        gone = project_services.create_project(cast.ann, title="Gone")
        project_services.archive_project(gone.id, cast.actor("ann"))
    report(cast, "QuestionerAgent", {"question": "Why?"})
    visit(cast)
    (lamp,) = add(cast, "Lamp")
    do(cast, "bob", items.decide_item, lamp.id)
    with acting_as(cast.ann.id):
        context = projects.context(cast.ann)
    first, second = context["projects"]
    assert (first["title"], first["role"], first["questions"], first["decided_since"]) == (
        "Lighthouse",
        "owner",
        1,
        1,
    )
    assert (second["id"], second["is_first"], second["last_session"]) == (quiet.id, True, "first session")
    assert [row["title"] for row in context["archived"]] == ["Gone"]
    with acting_as(cast.zoe.id):
        assert [row["title"] for row in projects.context(cast.zoe)["projects"]] == ["Zoe's own"]


def test_the_list_of_projects_is_ones_own(cast: Cast) -> None:
    """It is read past row security, and asks itself who acts."""
    for acting in (acting_as(cast.ann.id), acting_as_system([cast.other.id]), nullcontext()):
        with acting:
            assert projects.page(cast.zoe.id, most=9).rows == []
    with acting_as_admin():
        assert projects.page(cast.zoe.id, most=9).rows == []
    with acting_as(cast.vera.id):
        assert [row["title"] for row in projects.page(cast.vera.id, most=9).rows] == ["Lighthouse"]
    do(cast, "ann", members.remove_member, cast.vera.id)
    with acting_as(cast.vera.id):
        assert projects.page(cast.vera.id, most=9).rows == []


def test_every_panel_has_its_name_and_its_partial() -> None:
    assert all(f"panels/_{name}.html" == panel.TEMPLATE for name, panel in PANELS.items())
    assert viewing.Summary.__doc__


def sessions_of(cast: Cast, who: str, older: str = ""):
    user = getattr(cast, who)
    with acting_as(user.id):
        return history.context(Membership.objects.get(user=user, project=cast.project), older)


def feed_of(cast: Cast, older: str = ""):
    with acting_as(cast.ann.id):
        return reports.context(Membership.objects.get(user=cast.ann, project=cast.project), older)


def test_a_step_of_another_release_is_left_out(cast: Cast) -> None:
    """During a deploy a row may hold a rule that this release has no words for."""
    with acting_as(cast.ann.id):
        analytics.get_summary(cast.ann.id, cast.project.id)
        row = SessionAnalytics.objects.get(user=cast.ann, project=cast.project)
        known = row.suggested_next_steps
        row.suggested_next_steps = [{**known[0], "rule": "of_tomorrow"}, *known]
        row.save()
        summary = analytics.get_summary(cast.ann.id, cast.project.id)
        membership = Membership.objects.of(cast.ann.id).get(project=cast.project)
        nobody = viewing.Members([])
        view = viewing.viewing(cast.ann, membership, summary, epoch="", here={}, members=nobody)
        shown = steps.context(view)["steps"]
    assert [step.text for step in shown] == ["Add the first idea"]
