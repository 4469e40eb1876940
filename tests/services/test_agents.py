"""Agent activity: what each report becomes, from the intake to the rows people see."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.db import DatabaseError

from sessions_app.db.rls import acting_as_system
from sessions_app.models import AgentActivity, AgentToken, Blocker, Message, Question, SeenEvent
from sessions_app.models.messages import MESSAGE_MAX_CHARACTERS
from sessions_app.services import agents, blockers, items, questions
from sessions_app.services.errors import Conflict, Invalid
from tests.conftest import Cast
from tests.doing import (
    NINE,
    NOT_TEXT,
    add,
    again,
    as_system,
    at_once,
    counter,
    do,
    every,
    kinds,
    ledger,
    nothing_changes,
    refused_field,
    report,
    seeing,
    the,
)

# --- what becomes of it: each row of the table ---------------------------------------------------


def test_a_question_from_any_agent_becomes_a_question(cast: Cast) -> None:
    report(cast, "QuestionerAgent", {"question": " How bright? "})
    question = the(Question, cast)
    assert (question.text, question.agent_type, question.status) == ("How bright?", "QuestionerAgent", "open")
    assert not question.blocks
    assert every(Blocker, cast) == []
    row = ledger(cast)[-1]
    assert (row.kind, row.question_id) == ("question.asked", question.id)
    assert (row.actor_kind, row.actor_agent, row.data) == (
        "agent",
        "QuestionerAgent",
        {"text": "How bright?", "items": []},
    )
    assert counter(cast).questions_open == 1


def test_a_list_of_questions_becomes_one_each(cast: Cast) -> None:
    asked = {"question": "Colour?", "importance": "high", "category": "lamp", "options": ["Red", "White"]}
    report(cast, "SomeAgent", {"question": "How bright?", "questions": [asked, "How high?"]})
    found = {question.text: question for question in every(Question, cast)}
    assert set(found) == {"How bright?", "Colour?", "How high?"}
    colour = found["Colour?"]
    assert (colour.importance, colour.category, colour.options) == ("high", "lamp", ["Red", "White"])


def test_a_question_from_the_clarification_agent_also_blocks(cast: Cast) -> None:
    report(cast, "ClarificationAgent", {"question": "Which coast?"})
    question, blocker = the(Question, cast), the(Blocker, cast)
    assert question.blocks
    assert (blocker.type, blocker.source, blocker.question_id) == ("clarification", "agent", question.id)
    assert blocker.text == "Which coast?"


def test_a_question_that_names_what_waits_also_blocks(cast: Cast) -> None:
    lamp, horn = add(cast, "Lamp", "Horn")
    report(cast, "QuestionerAgent", {"question": "How bright?", "blocks": [str(lamp.id), str(horn.id)]})
    blocker = the(Blocker, cast)
    assert blocker.type == "clarification"
    row = ledger(cast)[-1]
    assert (row.kind, row.blocker_id, row.question_id) == (
        "blocker.raised",
        blocker.id,
        the(Question, cast).id,
    )
    assert row.data == {
        "text": "How bright?",
        "type": "clarification",
        "source": "agent",
        "items": sorted([str(lamp.id), str(horn.id)]),
    }


def test_what_waits_may_be_named_by_a_blocker(cast: Cast) -> None:
    """The items that the named blocker stops then wait for this answer too."""
    (lamp,) = add(cast, "Lamp")
    report(cast, "VerificationAgent", {"approved": False, "issues": ["Too dim"], "blocks": [str(lamp.id)]})
    refusal = the(Blocker, cast)
    report(cast, "QuestionerAgent", {"question": "How bright?", "blocks": [str(refusal.id)]})
    assert ledger(cast)[-1].data["items"] == [str(lamp.id)]


@pytest.mark.parametrize("where", ["details", "metadata"])
def test_gaps_become_missing_information(cast: Cast, where: str) -> None:
    gaps = [
        "Nobody knows the tides",
        {"category": "site", "description": "The depth is unknown", "importance": "high", "question": "How?"},
    ]
    report(cast, "GapDetectionAgent", {"gaps": gaps} if where == "details" else {"metadata": {"gaps": gaps}})
    found = {blocker.text: blocker for blocker in every(Blocker, cast)}
    assert set(found) == {"Nobody knows the tides", "The depth is unknown"}
    assert {blocker.type for blocker in found.values()} == {"information"}
    question = the(Question, cast)
    assert (question.text, question.category, question.importance) == ("How?", "site", "high")
    assert found["The depth is unknown"].question_id == question.id
    assert found["Nobody knows the tides"].question_id is None


def test_a_refusal_by_the_verification_agent_stops_a_decision(cast: Cast) -> None:
    report(cast, "VerificationAgent", {"approved": False, "issues": ["Too dim", {"description": "Too dear"}]})
    assert {(b.type, b.text) for b in every(Blocker, cast)} == {
        ("decision", "Too dim"),
        ("decision", "Too dear"),
    }


@pytest.mark.parametrize(
    ("agent_type", "details"),
    [
        ("VerificationAgent", {"approved": True, "issues": ["Too dim"]}),
        ("VerificationAgent", {"issues": ["Too dim"]}),
        ("SomeAgent", {"approved": False, "issues": ["Too dim"]}),
        ("SomeAgent", {"thought": "about it", "count": 3}),
        ("SomeAgent", {}),
    ],
)
def test_anything_else_is_kept_and_becomes_nothing(
    cast: Cast, agent_type: str, details: dict[str, Any]
) -> None:
    """It is in the feed, as it came; and since no panel changed, the version stays."""
    before = counter(cast).version
    report(cast, agent_type, details, occurred_at=NINE)
    row = the_activity(cast)
    assert (row.agent_type, row.action, row.details, row.occurred_at) == (
        agent_type,
        "reports",
        details,
        NINE,
    )
    assert row.digested_version == 0
    assert counter(cast).version == before
    assert (every(Question, cast), every(Blocker, cast)) == ([], [])


def test_questions_in_an_agents_message_become_questions(cast: Cast) -> None:
    metadata = {"agentQuestions": [{"question": "How bright?", "importance": "high", "category": "lamp"}]}
    before = counter(cast).version
    message = as_system(cast, agents.post_agent_message, "SomeAgent", text="I wonder", metadata=metadata)
    question = the(Question, cast)
    assert (question.text, question.importance, question.agent_type) == ("How bright?", "high", "SomeAgent")
    assert (message.role, message.agent_type, message.user_id) == ("assistant", "SomeAgent", None)
    assert kinds(cast, before) == ["message.posted", "question.asked"]
    assert message.version == question.version == before + 1


# --- the same again ------------------------------------------------------------------------------


def test_the_same_while_it_is_open_is_counted(cast: Cast) -> None:
    """Also in other case and with other white space; and nobody's panel changed by it."""
    report(cast, "ClarificationAgent", {"question": "Which coast?"})
    before = counter(cast).version
    report(cast, "ClarificationAgent", {"question": "WHICH   coast?"})
    question, blocker = the(Question, cast), the(Blocker, cast)
    assert (question.text, question.times_seen, blocker.times_seen) == ("Which coast?", 2, 2)
    assert question.last_seen_at > question.created_at
    assert (counter(cast).version, counter(cast).questions_open) == (before, 1)


def test_another_agent_or_another_subject_is_another_question(cast: Cast) -> None:
    lamp, horn = add(cast, "Lamp", "Horn")
    for agent_type, blocks in (("A", []), ("B", []), ("A", [lamp]), ("A", [horn]), ("A", [lamp, horn])):
        report(cast, agent_type, {"question": "Why?", "blocks": [str(item.id) for item in blocks]})
    report(cast, "A", {"question": "Why?", "blocks": [str(horn.id), str(lamp.id)]})
    assert sorted(question.times_seen for question in every(Question, cast)) == [1, 1, 1, 1, 2]


def test_what_was_answered_and_is_asked_again_is_a_new_question(cast: Cast) -> None:
    report(cast, "ClarificationAgent", {"question": "Which coast?"})
    do(cast, "bob", questions.answer_question, the(Question, cast).id, answer="The west")
    report(cast, "ClarificationAgent", {"question": "Which coast?"})
    assert [question.status for question in every(Question, cast)] == ["answered", "open"]
    assert [blocker.status for blocker in every(Blocker, cast)] == ["cleared", "open"]


def test_the_same_twice_in_one_report_is_one_sighting(cast: Cast) -> None:
    report(cast, "QuestionerAgent", {"questions": ["Why?", "why?"], "question": "WHY?"})
    assert the(Question, cast).times_seen == 1


# --- fills, resolves -----------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "how"), [("fills", "gap filled"), ("resolves", "reported resolved")])
def test_an_agent_reports_that_it_is_over(cast: Cast, key: str, how: str) -> None:
    report(cast, "GapDetectionAgent", {"gaps": ["Nobody knows the tides", "Nor the depth"]})
    tides = the(Blocker, cast, text="Nobody knows the tides")
    before = counter(cast).version
    report(cast, "ResearchAgent", {key: [str(tides.id)]})
    assert (again(tides).status, again(tides).ended_how) == ("cleared", how)
    assert the(Blocker, cast, status="open").text == "Nor the depth"
    row = ledger(cast, before)[0]
    assert (row.kind, row.actor_agent, row.data["how"]) == ("blocker.cleared", "ResearchAgent", how)
    before = counter(cast).version
    report(cast, "ResearchAgent", {key: [str(tides.id)]})
    assert counter(cast).version == before, "it was over already"


def test_one_report_may_both_ask_and_resolve(cast: Cast) -> None:
    report(cast, "GapDetectionAgent", {"gaps": ["Nobody knows the tides"]})
    tides = the(Blocker, cast)
    before = counter(cast).version
    report(cast, "ResearchAgent", {"question": "And the depth?", "resolves": [str(tides.id)]})
    assert kinds(cast, before) == ["question.asked", "blocker.cleared"]
    assert counter(cast).version == before + 1


# --- refused before the answer -------------------------------------------------------------------


@pytest.mark.parametrize("key", ["blocks", "fills", "resolves"])
def test_ids_of_another_project_are_refused(cast: Cast, key: str) -> None:
    with acting_as_system([cast.other.id]):
        others = items.add_item(cast.other.id, cast.actor("zoe"), title="Zoe's")
    for item_id in (others.id, uuid.uuid4()):
        details = {"question": "Why?", key: [str(item_id)]}
        assert refused_field(report, cast, "QuestionerAgent", details) == f"details.{key}"


def test_ids_of_another_project_are_refused_inside_an_entry_too(cast: Cast) -> None:
    entry = {"question": "Why?", "blocks": [str(uuid.uuid4())]}
    assert refused_field(report, cast, "SomeAgent", {"questions": [entry]}) == "details.blocks"


def test_ids_of_another_project_are_refused_in_a_message_too(cast: Cast) -> None:
    metadata = {"agentQuestions": [{"question": "Why?", "blocks": [str(uuid.uuid4())]}]}
    refused = refused_field(
        as_system, cast, agents.post_agent_message, "SomeAgent", text="Hm", metadata=metadata
    )
    assert refused == "metadata.agentQuestions"


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"question": 7}, "details.question"),
        ({"question": ""}, "details.question"),
        ({"question": "x" * 2001}, "details.question"),
        ({"questions": "Why?"}, "details.questions"),
        ({"questions": ["Why?"] * 51}, "details.questions"),
        ({"questions": [{"question": "Why?", "expiresAt": "tomorrow"}]}, "details.questions[0].expiresAt"),
        (
            {"questions": [{"question": "Why?", "importance": "x" * 41}]},
            "details.questions[0].importance",
        ),
        ({"gaps": [{"description": "Why?", "category": "x" * 101}]}, "details.gaps[0].category"),
        ({"gaps": [{"category": "no description"}]}, "details.gaps[0].description"),
        ({"blocks": ["not-an-id"]}, "details.blocks[0]"),
        ({"approved": "false", "issues": ["Too dim"]}, "details.approved"),
    ],
)
def test_a_wrong_shape_is_refused_by_its_path(cast: Cast, details: dict[str, Any], field: str) -> None:
    assert refused_field(report, cast, "VerificationAgent", details) == field


def test_whatever_the_intake_takes_the_digester_can_store(cast: Cast) -> None:
    """A report that fails after its answer would be lost, and hold up all behind it."""
    longest = {"importance": "x" * 40, "category": "y" * 100}
    question = {"question": "🗼" * 2000, "options": ["é" * 200] * 50, **longest}
    gap = {"description": "🔦" * 2000, "question": "Why?", **longest}
    report(cast, "x" * agents.AGENT_TYPE_MAX_CHARACTERS, {"questions": [question], "gaps": [gap]})
    asked = the(Question, cast, text="🗼" * 2000)
    assert (asked.importance, asked.category, asked.options) == ("x" * 40, "y" * 100, ["é" * 200])
    assert the(Blocker, cast).text == "🔦" * 2000
    assert the_activity(cast).digested_version == counter(cast).version


def test_names_have_limits(cast: Cast) -> None:
    def post(agent_type: str = "SomeAgent", action: str = "reports") -> None:
        as_system(cast, agents.post_agent_activity, agent_type=agent_type, action=action, details={})

    for bad in ("", "x" * (agents.AGENT_TYPE_MAX_CHARACTERS + 1), *NOT_TEXT):
        assert refused_field(post, agent_type=bad) == "agent_type"
    for bad in ("", "x" * (agents.ACTION_MAX_CHARACTERS + 1), *NOT_TEXT):
        assert refused_field(post, action=bad) == "action"
    post("x" * agents.AGENT_TYPE_MAX_CHARACTERS, "x" * agents.ACTION_MAX_CHARACTERS)


def test_details_have_a_greatest_size_in_bytes(cast: Cast) -> None:
    around = len(json.dumps(["SomeAgent", "reports", {"note": ""}]))
    room = agents.DETAILS_MAX_BYTES - around
    assert refused_field(report, cast, "SomeAgent", {"note": "x" * (room + 1)}) == "details"
    assert refused_field(report, cast, "SomeAgent", {"note": "é" * (room // 2 + 1)}) == "details"
    report(cast, "SomeAgent", {"note": "x" * room})
    assert len(the_activity(cast).details["note"]) == room


@pytest.mark.parametrize(
    "details",
    [
        {"note": NOT_TEXT[0]},
        {"note": NOT_TEXT[1]},
        {NOT_TEXT[0]: 1},
        {"deep": [{"in": ["side", NOT_TEXT[0]]}]},
        {"number": float("nan")},
        {"number": float("inf")},
    ],
    ids=["nul", "surrogate", "nul in a key", "nul deep inside", "nan", "infinity"],
)
def test_details_that_cannot_be_stored_are_refused(cast: Cast, details: dict[str, Any]) -> None:
    """Also under keys no rule speaks of: they are kept and shown."""
    assert refused_field(report, cast, "SomeAgent", details) == "details"
    post = agents.post_agent_message
    assert refused_field(as_system, cast, post, "SomeAgent", text="Hm", metadata=details) == "metadata"


def test_details_nested_out_of_reason_are_refused(cast: Cast) -> None:
    nested: list[object] = []
    for _ in range(5000):
        nested = [nested]
    assert refused_field(report, cast, "SomeAgent", {"note": nested}) == "details"


def test_an_agents_message_has_limits(cast: Cast) -> None:
    post = agents.post_agent_message
    for text in ("", "x" * (MESSAGE_MAX_CHARACTERS + 1), *NOT_TEXT):
        assert refused_field(as_system, cast, post, "SomeAgent", text=text) == "text"
    for metadata, field in (
        ({"agentQuestions": "Why?"}, "metadata.agentQuestions"),
        ({"agentQuestions": [{"question": 3}]}, "metadata.agentQuestions[0].question"),
        ({"note": "x" * agents.DETAILS_MAX_BYTES}, "metadata"),
    ):
        refused = refused_field(as_system, cast, post, "SomeAgent", text="Hm", metadata=metadata)
        assert refused == field


def test_an_outsider_cannot_report(cast: Cast) -> None:
    with nothing_changes(), pytest.raises(DatabaseError), acting_as_system([cast.other.id]):
        agents.post_agent_activity(
            cast.project.id, agent_type="SomeAgent", action="spies", details={"question": "Who?"}
        )


# --- event ids -----------------------------------------------------------------------------------


def test_an_event_counts_once(cast: Cast) -> None:
    event_id = uuid.uuid4()
    assert report(cast, "QuestionerAgent", {"question": "Why?"}, event_id=event_id) is not None
    with nothing_changes():
        assert report(cast, "QuestionerAgent", {"question": "Why?"}, event_id=event_id) is None
    assert the(Question, cast).times_seen == 1


def test_an_event_id_with_another_body_is_a_mistake(cast: Cast) -> None:
    event_id = uuid.uuid4()
    report(cast, "QuestionerAgent", {"question": "Why?"}, event_id=event_id)
    with nothing_changes(), pytest.raises(Conflict):
        report(cast, "QuestionerAgent", {"question": "Why not?"}, event_id=event_id)


def test_another_agents_equal_id_is_another_event(cast: Cast) -> None:
    event_id = uuid.uuid4()
    report(cast, "QuestionerAgent", {"question": "Why?"}, event_id=event_id)
    report(cast, "ClarificationAgent", {"question": "Which?"}, event_id=event_id)
    tokens = [agent_token(cast, name) for name in ("one", "two")]
    for token in tokens:
        report(cast, "QuestionerAgent", {"note": str(token.id)}, event_id=event_id, token_id=token.id)
    assert len(every(SeenEvent, cast)) == len(activities(cast)) == 4


def test_a_refused_event_may_be_sent_again(cast: Cast) -> None:
    event_id = uuid.uuid4()
    with pytest.raises(Invalid):
        report(cast, "QuestionerAgent", {"question": 7}, event_id=event_id)
    assert report(cast, "QuestionerAgent", {"question": "Why?"}, event_id=event_id) is not None


def test_the_same_event_five_times_at_once_counts_once(cast: Cast) -> None:
    event_id = uuid.uuid4()
    results = at_once(*[lambda: report(cast, "QuestionerAgent", {"question": "Why?"}, event_id=event_id)] * 5)
    assert [result for result in results if result is not None] == activities(cast)
    assert the(Question, cast).times_seen == 1


# --- what people see of it -----------------------------------------------------------------------


def test_the_panel_shows_what_became_of_it(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    report(cast, "ClarificationAgent", {"question": "How bright?", "blocks": [str(lamp.id)]})
    report(cast, "GapDetectionAgent", {"gaps": ["Nobody knows the tides"]})
    with seeing(cast) as view:
        raw = view.summary.raw
    assert (raw["pendingQuestions"], raw["openBlockers"]) == (1, 2)
    rules = [(step["rule"], step["blocked_count"]) for step in raw["suggestedNextSteps"]]
    assert rules == [("answer_blocking", 1), ("supply_missing", 0), ("decide_idle", 0)]
    assert [(b["type"], b["blocked_count"]) for b in raw["activeBlockers"]] == [
        ("clarification", 1),
        ("information", 0),
    ]


def test_a_dismissed_clarification_leaves_its_question_open(cast: Cast) -> None:
    report(cast, "ClarificationAgent", {"question": "Which coast?"})
    do(cast, "bob", blockers.dismiss_blocker, the(Blocker, cast).id)
    assert the(Question, cast).status == "open"
    report(cast, "ClarificationAgent", {"question": "Which coast?"})
    assert (the(Question, cast).times_seen, the(Blocker, cast).times_seen) == (2, 2)
    assert the(Blocker, cast).status == "dismissed"


def test_a_persons_message_asks_nothing(cast: Cast) -> None:
    """`agentQuestions` count in agents' messages only; a person's message has no metadata of theirs."""
    from sessions_app.services import messages

    do(cast, "bob", messages.post_message, text="How bright?")
    assert the(Message, cast).metadata == {}
    assert every(Question, cast) == []


def activities(cast: Cast) -> list[AgentActivity]:
    with acting_as_system([cast.project.id]):
        return list(AgentActivity.objects.order_by("received_at"))


def the_activity(cast: Cast) -> AgentActivity:
    (row,) = activities(cast)
    return row


def agent_token(cast: Cast, name: str) -> AgentToken:
    with acting_as_system([cast.project.id]):
        return AgentToken.objects.create(
            project=cast.project, agent_type="QuestionerAgent", token_hash=name, created_by=cast.ann
        )
