"""The briefing of a real project: what is news to an agent, and that reading consumes nothing."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.db.rls import acting_as, acting_as_agent
from sessions_app.insights import briefing as told
from sessions_app.insights.briefing import Briefing
from sessions_app.insights.hand_overs import hand_off_details
from sessions_app.models import AgentToken, Question
from sessions_app.services import agent_tokens, briefing, items, projects, questions, sessions
from sessions_app.services.errors import NotFound
from tests.conftest import Cast
from tests.doing import add, as_system, by_agent, do, report, the

# One of them for how far answers reach.
MOST_STATEMENTS = 13


def token(cast: Cast, agent_type: str = "PlannerAgent") -> AgentToken:
    with acting_as(cast.ann.id):
        return agent_tokens.create_agent_token(cast.project.id, cast.ann, name="T", agent_type=agent_type)[0]


def read(cast: Cast, of: AgentToken, since: int | None = None) -> Briefing:
    with acting_as_agent(of.id):
        return briefing.briefing(cast.project.id, agent_type=of.agent_type, since=since)


def act(of: AgentToken) -> None:
    with acting_as_agent(of.id):
        agent_tokens.note_act(of.id)


def decisions(found: Briefing) -> list[str]:
    return [row.title for row in found.decided.rows]


def test_it_tells_the_state_and_everything_on_a_first_visit(cast: Cast) -> None:
    lamp, lens, *_ = add(cast, "Lamp", "Lens", "Tower")
    do(cast, "bob", items.decide_item, lamp.id, reason="Brighter", outcome="accepted")
    do(cast, "bob", items.park_item, lens.id, reason="Later")
    report(cast, "PlannerAgent", {"question": "Gas or oil?"})
    report(cast, "OtherAgent", {"question": "Which coast?", "gaps": ["Nobody has the key"]})
    found = read(cast, token(cast))
    assert (found.title, found.since) == ("Lighthouse", 0)
    assert found.counts == {"exploring": 1, "decided": 1, "parked": 1, "openQuestions": 2, "openBlockers": 1}
    assert [(row.title, row.reason, row.outcome, row.by) for row in found.decided.rows] == [
        ("Lamp", "Brighter", "accepted", "Bob")
    ]
    # One's own questions come first.
    assert [row.text for row in found.questions.rows] == ["Gas or oil?", "Which coast?"]
    assert [row.text for row in found.blockers.rows] == ["Nobody has the key"]
    assert [row.title for row in found.exploring.rows] == ["Tower"]
    assert found.steps.rows[0].text.startswith(("Answer", "Find out"))
    assert "Gas or oil?" in told.as_markdown(found)


def test_reading_consumes_nothing_and_an_act_makes_what_was_read_old(cast: Cast) -> None:
    lamp, lens, tower = add(cast, "Lamp", "Lens", "Tower")
    planner = token(cast)
    do(cast, "bob", items.decide_item, lamp.id)
    assert decisions(read(cast, planner)) == decisions(read(cast, planner)) == ["Lamp"]
    # What is decided between its reading and its act is news still.
    do(cast, "bob", items.decide_item, lens.id)
    act(planner)
    assert decisions(read(cast, planner)) == ["Lens"]
    do(cast, "bob", items.decide_item, tower.id)
    assert decisions(read(cast, planner)) == ["Tower", "Lens"]
    act(planner)
    assert decisions(read(cast, planner)) == []
    # An act without a reading makes nothing old, and whoever says what they know is believed.
    do(cast, "bob", items.decide_item, lamp.id, reason="Again")
    act(planner)
    assert decisions(read(cast, planner)) == ["Lamp"]
    assert decisions(read(cast, planner, since=0)) == ["Lamp", "Tower", "Lens"]


def test_a_new_token_of_the_same_agent_goes_on_where_the_old_one_left_off(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    do(cast, "bob", items.decide_item, lamp.id)
    first = token(cast)
    read(cast, first)
    act(first)
    assert decisions(read(cast, token(cast))) == []
    assert decisions(read(cast, token(cast, "OtherAgent"))) == ["Lamp"]


def test_answers_to_its_own_questions_and_to_no_others(cast: Cast) -> None:
    for agent, text in (("PlannerAgent", "Gas or oil?"), ("PlannerAgent", "Red?"), ("OtherAgent", "Where?")):
        report(cast, agent, {"question": text})
        question = the(Question, cast, text=text)
        if text == "Red?":
            do(cast, "ann", questions.dismiss_question, question.id)
        else:
            do(cast, "ann", questions.answer_question, question.id, answer=f"About {text}")
    answers = read(cast, token(cast)).answers
    assert [(row.text, row.status, row.answer, row.by) for row in answers.rows] == [
        ("Red?", "dismissed", "", "Ann"),
        ("Gas or oil?", "answered", "About Gas or oil?", "Ann"),
    ]


def test_what_is_handed_over_reaches_whom_it_is_meant_for(cast: Cast) -> None:
    report(cast, "ScoutAgent", hand_off_details("For anybody"))
    report(cast, "ScoutAgent", hand_off_details("For the planner", "PlannerAgent", ["Ask the mill"]))
    report(cast, "ScoutAgent", hand_off_details("For another", "WriterAgent"))
    report(cast, "ScoutAgent", {"handOff": 7})
    assert [row.summary for row in read(cast, token(cast)).handed_over.rows] == [
        "For the planner",
        "For anybody",
    ]
    assert read(cast, token(cast, "ScoutAgent")).handed_over.rows == []
    with acting_as(cast.ann.id):
        mine = briefing.briefing(cast.project.id, user_id=cast.ann.id)
    assert len(mine.handed_over.rows) == 3


def test_a_person_left_off_where_their_last_session_ended(cast: Cast) -> None:
    lamp, lens = add(cast, "Lamp", "Lens")
    do(cast, "bob", items.decide_item, lamp.id)
    with acting_as(cast.ann.id):
        sessions.start_session(cast.ann.id, cast.project.id)
        sessions.end_session(cast.ann.id, cast.project.id)
    do(cast, "bob", items.decide_item, lens.id)
    with acting_as(cast.ann.id):
        assert decisions(briefing.briefing(cast.project.id, user_id=cast.ann.id)) == ["Lens"]


def test_another_project_is_not_there(cast: Cast) -> None:
    planner = token(cast)
    for project_id in (cast.other.id, uuid.uuid4()):
        with acting_as_agent(planner.id), pytest.raises(NotFound):
            briefing.briefing(project_id, agent_type="PlannerAgent")


def test_it_takes_few_statements_however_much_there_is(cast: Cast) -> None:
    planner = token(cast)
    for number in range(3):
        for item in add(cast, *(f"Item {number}.{n}" for n in range(8))):
            by_agent(cast, "OtherAgent", items.decide_item, item.id)
            report(cast, "OtherAgent", {"gaps": [{"description": f"Gap {item.id}", "question": "Why?"}]})
        with acting_as_agent(planner.id), CaptureQueriesContext(connection) as seen:
            found = briefing.briefing(cast.project.id, agent_type="PlannerAgent")
        assert len(seen) <= MOST_STATEMENTS, [query["sql"][:80] for query in seen]
    assert (len(found.decided.rows), found.decided.total) == (briefing.MOST_ROWS, 24)


def test_a_deleted_projects_briefing_is_gone(cast: Cast) -> None:
    with acting_as(cast.ann.id):
        projects.delete_project(cast.project.id, confirm_title="Lighthouse")
    with pytest.raises(NotFound):
        as_system(cast, briefing.briefing)
