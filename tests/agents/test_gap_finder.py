"""The gap finder asks what seems to be missing: little at a time, and nothing twice."""

from __future__ import annotations

import datetime as dt

import pytest

from sessions_app import clock
from sessions_app.agents import gap_finder
from sessions_app.digest.digester import digest_waiting
from sessions_app.insights.gaps import Facts, Gap
from sessions_app.insights.in_house import GAP_FINDER
from sessions_app.models import Blocker, Item, Question
from sessions_app.services import dependencies, gap_rounds, items, projects, questions
from tests.agents.listening import reports
from tests.conftest import Cast
from tests.doing import DAY, HOUR, NINE, add, as_system, at_once, by_agent, do, every, report, the


def seek(cast: Cast, at: dt.datetime, also: gap_finder.Finder | None = None) -> int:
    """Look for gaps at a moment, and have what is asked folded; returns how many were asked."""
    with clock.at(at):
        asked = gap_finder.seek_gaps(cast.project.id, also)
        digest_waiting([cast.project.id])
    return asked


def asked(cast: Cast) -> list[str]:
    """The texts of the questions, oldest first."""
    return [question.text for question in every(Question, cast)]


def decide(cast: Cast, title: str, at: dt.datetime, **how: str) -> Item:
    with clock.at(at):
        [item] = add(cast, title)
        decided: Item = do(cast, "bob", items.decide_item, item.id, **how)
    return decided


def idle(cast: Cast, *titles: str) -> list[Item]:
    """Items that nobody moves any more, from NINE on."""
    with clock.at(NINE):
        return add(cast, *titles)


class TestKinds:
    def test_a_decision_without_a_reason(self, cast: Cast) -> None:
        decide(cast, "Larger print", NINE)
        assert seek(cast, NINE + 2 * HOUR) == 1
        question = the(Question, cast)
        assert question.text == "“Larger print” was decided without a reason. What was it?"
        assert (question.agent_type, question.category) == (GAP_FINDER, "reason")
        assert question.expires_at == NINE + 2 * HOUR + 30 * DAY

    @pytest.mark.parametrize("after", [dt.timedelta(minutes=59), 8 * DAY])
    def test_whoever_just_decided_is_not_asked_nor_long_after(self, cast: Cast, after: dt.timedelta) -> None:
        decide(cast, "Larger print", NINE)
        assert seek(cast, NINE + after) == 0

    def test_a_decision_with_a_reason_or_by_an_agent_is_not_asked_about(self, cast: Cast) -> None:
        decide(cast, "Larger print", NINE, reason="Vera asked for it")
        with clock.at(NINE):
            [item] = add(cast, "A night bus")
            by_agent(cast, "PlannerAgent", items.decide_item, item.id)
        assert seek(cast, NINE + 2 * HOUR) == 0

    def test_exploring_without_movement(self, cast: Cast) -> None:
        idle(cast, "A night bus")
        assert seek(cast, NINE + 13 * DAY) == 0
        assert seek(cast, NINE + 14 * DAY) == 1
        assert the(Question, cast).category == "idle"
        assert the(Question, cast).options == [
            "Yes, keep it",
            "Park it",
            "Nobody needs it any more",
        ]

    def test_an_item_that_others_wait_for(self, cast: Cast) -> None:
        with clock.at(NINE):
            hall, party, roof = add(cast, "Rent the hall", "Opening party", "Mend the roof")
            for waiting in (party, roof):
                do(cast, "bob", dependencies.add_dependency, waiting_id=waiting.id, blocking_id=hall.id)
        assert seek(cast, NINE + 2 * DAY) == 0
        assert seek(cast, NINE + 3 * DAY) == 1
        assert asked(cast) == ["Other items wait for “Rent the hall”. What keeps it from being decided?"]

    def test_what_waits_for_an_answer_already_is_not_asked_about(self, cast: Cast) -> None:
        [item] = idle(cast, "A night bus")
        with clock.at(NINE):
            report(cast, "PlannerAgent", {"question": "Who drives it?", "blocks": [str(item.id)]})
        assert seek(cast, NINE + 15 * DAY) == 0

    def test_a_contradiction_is_a_question_and_never_a_fact(self, cast: Cast) -> None:
        decide(cast, "Open on Sundays", NINE, reason="People asked")
        idle(cast, "Closed on Sundays")
        assert seek(cast, NINE + HOUR) == 1
        assert asked(cast) == [
            "“Closed on Sundays” is being explored, but “Open on Sundays” was decided. Can both stand?"
        ]
        assert every(Blocker, cast) == []
        assert {item.state for item in every(Item, cast)} == {"decided", "exploring"}

    def test_they_are_reported_through_the_agents_door(self, cast: Cast) -> None:
        idle(cast, "A night bus")
        seek(cast, NINE + 15 * DAY)
        [report] = reports(cast)
        assert (report.agent_type, report.action) == (GAP_FINDER, "asks what seems to be missing")

    def test_where_nothing_is_missing_nothing_is_said(self, cast: Cast) -> None:
        idle(cast, "A night bus")
        assert seek(cast, NINE + DAY) == 0
        assert reports(cast) == []


class TestHowMuch:
    def test_three_at_a_time_and_five_open(self, cast: Cast) -> None:
        """Of contradictions two at a time, of the rest one."""
        for number in range(1, 9):
            decide(cast, f"Open hall {number} on Sundays", NINE, reason="People asked")
        idle(cast, *(f"Closed hall {number} on Sundays" for number in range(1, 9)))
        counts = [seek(cast, NINE + day * DAY) for day in range(14, 20)]
        assert counts == [3, 2, 0, 0, 0, 0]
        assert len(asked(cast)) == 5

    def test_an_answered_one_makes_room(self, cast: Cast) -> None:
        idle(cast, *(f"Idea number {number}" for number in range(7)))
        for day in range(14, 20):
            seek(cast, NINE + day * DAY)
        assert len(asked(cast)) == 5
        with clock.at(NINE + 20 * DAY):
            do(cast, "bob", questions.dismiss_question, every(Question, cast)[0].id)
        assert seek(cast, NINE + 20 * DAY) == 1
        assert len(set(asked(cast))) == 6

    def test_what_waits_for_the_digester_counts_as_open(self, cast: Cast) -> None:
        idle(cast, "A night bus")
        with clock.at(NINE + 14 * DAY):
            assert gap_finder.seek_gaps(cast.project.id) == 1
        with clock.at(NINE + 15 * DAY):
            assert gap_finder.seek_gaps(cast.project.id) == 0

    def test_a_subject_rests_after_its_question_ended(self, cast: Cast) -> None:
        idle(cast, "A night bus")
        assert seek(cast, NINE + 14 * DAY) == 1
        with clock.at(NINE + 15 * DAY):
            do(cast, "bob", questions.answer_question, the(Question, cast).id, answer="Yes, keep it")
        assert seek(cast, NINE + 44 * DAY) == 0
        assert seek(cast, NINE + 46 * DAY) == 1

    def test_a_new_title_does_not_make_it_another_subject(self, cast: Cast) -> None:
        [item] = idle(cast, "A night bus")
        assert seek(cast, NINE + 14 * DAY) == 1
        with clock.at(NINE + 14 * DAY):
            do(cast, "bob", items.edit_item, item.id, title="A late bus", text="", version=item.version)
        assert seek(cast, NINE + 29 * DAY) == 0

    def test_what_an_agent_from_outside_reports_under_its_name_counts_for_nothing(self, cast: Cast) -> None:
        """Anybody may write reports; only its own say what it asked."""
        [item] = idle(cast, "A night bus")
        entry = {"question": "Anything?", "subject": f"idle:{item.id}"}
        found = dict(gap_rounds._subjects({"questions": [entry, "plain", {"subject": 3}, None]}))
        assert found == {"Anything?": f"idle:{item.id}"}
        assert dict(gap_rounds._subjects(["no object"])) == {}
        assert seek(cast, NINE + 14 * DAY) == 1


class TestWhen:
    def test_a_project_that_moved_is_due_once_in_six_hours(self, cast: Cast) -> None:
        idle(cast, "A night bus")
        later = NINE + DAY
        assert cast.project.id in gap_rounds.projects_due(later)
        seek(cast, later)
        assert cast.project.id not in gap_rounds.projects_due(later + 7 * HOUR)
        with clock.at(later + HOUR):
            add(cast, "Another")
        assert cast.project.id not in gap_rounds.projects_due(later + 5 * HOUR)
        assert cast.project.id in gap_rounds.projects_due(later + 7 * HOUR)

    def test_two_that_look_at_once_ask_once(self, cast: Cast) -> None:
        idle(cast, "A night bus")
        now = clock.now()
        # Threads have the real clock; by it the item of NINE is idle for long.
        assert now > NINE + 14 * DAY
        counts = at_once(*[lambda: gap_finder.seek_gaps(cast.project.id)] * 3)
        assert sorted(counts) == [0, 0, 1]
        assert len(reports(cast)) == 1

    @pytest.mark.parametrize("state", ["paused", "archived"])
    def test_where_the_agents_keep_out_nothing_is_asked(self, cast: Cast, state: str) -> None:
        idle(cast, "A night bus")
        if state == "paused":
            as_system(cast, projects.pause_agents)
        else:
            do(cast, "ann", projects.archive_project)
        assert cast.project.id not in gap_rounds.projects_due(NINE + 14 * DAY)
        assert seek(cast, NINE + 14 * DAY) == 0


def test_a_further_finder_is_asked_after_the_rules(cast: Cast) -> None:
    idle(cast, "A night bus")
    seen: list[Facts] = []

    def also(facts: Facts) -> list[Gap]:
        seen.append(facts)
        return [Gap("model", "model:1", "Who drives it?")]

    assert seek(cast, NINE + 14 * DAY, also) == 2
    assert [item.title for item in seen[0].exploring] == ["A night bus"]
    assert set(asked(cast)) > {"Who drives it?"}
