from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.insights.activity_rules import (
    BadActivity,
    Derived,
    NewBlocker,
    NewQuestion,
    derive,
    derive_from_message,
    fingerprint,
)
from tests.insights.cast import uid

A, B = uid(1), uid(2)


def bad(details, agent="AnyAgent"):
    with pytest.raises(BadActivity) as caught:
        derive(agent, "reported", details)
    return caught.value.field


# Questions


def test_a_question_from_any_agent():
    assert derive("AnyAgent", "asked", {"question": "Who pays?"}) == Derived((NewQuestion("Who pays?"),))


def test_several_questions_keep_their_order():
    derived = derive("AnyAgent", "asked", {"question": "1?", "questions": ["2?", {"text": "3?"}]})
    assert [q.text for q in derived.questions] == ["1?", "2?", "3?"]
    assert derived.blockers == ()


def test_a_question_with_all_it_may_carry():
    details = {
        "questions": [
            {
                "question": " Who pays? ",
                "category": "money",
                "importance": "high",
                "options": ["Us", "Them"],
                "expiresAt": "2025-03-14T12:00:00Z",
                "unknown": [1],
            }
        ]
    }
    expected = NewQuestion(
        "Who pays?", "money", "high", ("Us", "Them"), (), datetime(2025, 3, 14, 12, tzinfo=UTC)
    )
    assert derive("AnyAgent", "asked", details) == Derived((expected,))


def test_a_clarification_agent_waits_for_every_answer():
    derived = derive("ClarificationAgent", "asked", {"question": "Which market?"})
    assert derived.blockers == (NewBlocker("clarification", "Which market?", question="Which market?"),)


def test_a_question_that_blocks_is_a_blocker_from_any_agent():
    derived = derive(
        "AnyAgent", "asked", {"questions": ["1?", {"question": "2?", "blocks": []}], "blocks": [str(A)]}
    )
    assert [(q.text, q.blocks) for q in derived.questions] == [("1?", (A,)), ("2?", ())]
    assert derived.blockers == (NewBlocker("clarification", "1?", blocks=(A,), question="1?"),)


def test_own_blocks_go_before_the_reports():
    details = {"question": {"text": "1?", "blocks": [str(B)]}, "blocks": [str(A)]}
    assert derive("AnyAgent", "asked", details).questions[0].blocks == (B,)


# Gaps


@pytest.mark.parametrize("wrap", [lambda gaps: {"gaps": gaps}, lambda gaps: {"metadata": {"gaps": gaps}}])
def test_a_gap_is_missing_information(wrap):
    derived = derive("GapDetectionAgent", "gaps_found", wrap(["No budget", {"description": "No date"}]))
    assert derived == Derived(
        blockers=(NewBlocker("information", "No budget"), NewBlocker("information", "No date"))
    )


def test_a_gaps_question_is_asked_and_its_blocker_hangs_on_it():
    gap = {"category": "money", "description": "No budget", "importance": "high", "question": "How much?"}
    derived = derive("GapDetectionAgent", "gaps_found", {"gaps": [gap], "blocks": [str(A)]})
    assert derived.questions == (NewQuestion("How much?", "money", "high", blocks=(A,)),)
    assert derived.blockers == (NewBlocker("information", "No budget", "money", "high", (A,), "How much?"),)


def test_a_gaps_question_is_no_second_blocker_from_a_clarification_agent_either():
    gap = {"description": "No budget", "question": "How much?"}
    assert [b.type for b in derive("ClarificationAgent", "x", {"gaps": [gap]}).blockers] == ["information"]


def test_gaps_in_both_places_count_once():
    derived = derive(
        "AnyAgent", "x", {"gaps": ["No budget"], "metadata": {"gaps": ["no  BUDGET", "No date"]}}
    )
    assert [b.text for b in derived.blockers] == ["No budget", "No date"]


# Verification


def test_a_refused_verification_gives_decision_blockers():
    details = {
        "approved": False,
        "issues": ["Too dear", {"description": "Too late", "blocks": [str(A)]}, {"text": "x"}],
    }
    assert derive("VerificationAgent", "verified", details).blockers == (
        NewBlocker("decision", "Too dear"),
        NewBlocker("decision", "Too late", blocks=(A,)),
        NewBlocker("decision", "x"),
    )


@pytest.mark.parametrize(
    ("agent", "approved"), [("VerificationAgent", True), ("VerificationAgent", None), ("AnyAgent", False)]
)
def test_issues_count_only_when_a_verification_was_refused(agent, approved):
    assert derive(agent, "verified", {"approved": approved, "issues": 3}) == Derived()


def test_approved_is_never_guessed():
    assert bad({"approved": "false", "issues": ["x"]}, "VerificationAgent") == "details.approved"
    assert bad({"approved": 0, "issues": ["x"]}, "VerificationAgent") == "details.approved"


# What a report ends, and what it leaves alone


def test_fills_and_resolves():
    derived = derive("AnyAgent", "x", {"fills": [str(A)], "resolves": [str(B), str(A)]})
    assert derived == Derived(fills=(A,), resolves=(B, A))


@pytest.mark.parametrize(
    "details",
    [{}, {"text": "hello"}, {"question": None, "questions": [], "gaps": None}, {"metadata": "free"}],
)
def test_anything_else_becomes_nothing(details):
    assert derive("AnyAgent", "said", details) == Derived()


def test_the_same_said_twice_in_one_report_counts_once():
    details = {
        "question": "Who pays?",
        "questions": ["who  pays?", {"text": "Who pays?", "blocks": [str(A)]}],
    }
    assert [q.blocks for q in derive("AnyAgent", "x", details).questions] == [(), (A,)]


def test_a_blocker_names_its_question_as_it_stands():
    details = {"question": "Who pays?", "gaps": [{"description": "No payer", "question": "WHO PAYS?"}]}
    derived = derive("AnyAgent", "x", details)
    assert [q.text for q in derived.questions] == ["Who pays?"]
    assert derived.blockers[0].question == "Who pays?"


# Wrong shapes name their field


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ([], "details"),
        (None, "details"),
        ({"question": 3}, "details.question"),
        ({"question": ""}, "details.question"),
        ({"question": {}}, "details.question.question"),
        ({"questions": "Who?"}, "details.questions"),
        ({"questions": ["?"] * 51}, "details.questions"),
        ({"questions": ["1?", "2?", {"text": ""}]}, "details.questions[2].text"),
        ({"questions": ["1?", None]}, "details.questions[1]"),
        ({"questions": [{"text": "x", "importance": 5}]}, "details.questions[0].importance"),
        ({"questions": [{"text": "x", "options": ["a", 2]}]}, "details.questions[0].options[1]"),
        ({"questions": [{"text": "x", "blocks": ["a"]}]}, "details.questions[0].blocks[0]"),
        ({"questions": [{"text": "x", "expiresAt": "soon"}]}, "details.questions[0].expiresAt"),
        ({"gaps": {"a": 1}}, "details.gaps"),
        ({"gaps": [{"question": "How much?"}]}, "details.gaps[0].description"),
        ({"gaps": [{"description": "x", "question": {}}]}, "details.gaps[0].question"),
        ({"gaps": ["x" * 2001]}, "details.gaps[0]"),
        ({"metadata": {"gaps": [7]}}, "details.metadata.gaps[0]"),
        ({"blocks": "all"}, "details.blocks"),
        ({"blocks": [1]}, "details.blocks[0]"),
        ({"fills": [None]}, "details.fills[0]"),
        ({"resolves": {}}, "details.resolves"),
    ],
)
def test_a_wrong_shape_names_its_field(details, field):
    assert bad(details) == field


def test_a_wrong_issue_names_its_field():
    refused = {"approved": False, "issues": ["x", {"blocks": []}]}
    assert bad(refused, "VerificationAgent") == "details.issues[1].description"


# Messages


def test_a_messages_agent_questions():
    metadata = {
        "agentQuestions": [{"question": "Who pays?", "importance": "high", "category": "money"}, "When?"]
    }
    assert derive_from_message(metadata) == (NewQuestion("Who pays?", "money", "high"), NewQuestion("When?"))


def test_a_message_without_questions_asks_nothing():
    assert derive_from_message({}) == derive_from_message({"agentQuestions": None}) == ()


@pytest.mark.parametrize(
    ("metadata", "field"),
    [
        ("x", "metadata"),
        ({"agentQuestions": {}}, "metadata.agentQuestions"),
        ({"agentQuestions": [{"category": "x"}]}, "metadata.agentQuestions[0].question"),
    ],
)
def test_a_wrong_message_names_its_field(metadata, field):
    with pytest.raises(BadActivity) as caught:
        derive_from_message(metadata)
    assert caught.value.field == field


# Identity


def test_the_same_question_in_other_letters_is_the_same():
    one = fingerprint("QuestionerAgent", "Who  pays\nfor Straße?", [A, B])
    assert one == fingerprint("QuestionerAgent", " who pays for STRASSE? ", [B, A, A])
    assert one == fingerprint("QuestionerAgent", "Ｗｈｏ pays for Straße?", [A, B])
    assert fingerprint("A", "ᴬ", []) == fingerprint("A", "a", [])
    assert len(one) == 64


def test_another_agent_text_or_subject_is_another():
    prints = {
        fingerprint("A", "x", []),
        fingerprint("B", "x", []),
        fingerprint("A", "y", []),
        fingerprint("A", "x", [A]),
        fingerprint("A", "x", [B]),
        # Parts do not run into one another.
        fingerprint("Ax", "", []),
        fingerprint("", "Ax", []),
    }
    assert len(prints) == 7


@given(st.text(), st.text(), st.lists(st.uuids()))
def test_a_fingerprint_is_steady(agent, text, subjects):
    once = fingerprint(agent, text, subjects)
    assert once == fingerprint(agent, f"\n {text}  ", reversed(subjects))


# Whatever an agent sends

uuids = st.sampled_from([str(A), str(B), "nonsense"])
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | uuids
)
keys = st.sampled_from(
    [
        "question",
        "questions",
        "text",
        "description",
        "gaps",
        "metadata",
        "issues",
        "approved",
        "blocks",
        "fills",
        "resolves",
        "category",
        "importance",
        "options",
        "expiresAt",
        "agentQuestions",
    ]
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(keys | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=20,
)
agents = st.sampled_from(["ClarificationAgent", "VerificationAgent", "AnyAgent"])
texts = st.sampled_from(["Who?", "who? ", "When?", "x"])
ids = st.lists(st.sampled_from([str(A), str(B)]), max_size=2)
entries = texts | st.fixed_dictionaries(
    {"question": texts, "description": texts}, optional={"blocks": ids, "category": texts}
)
reports = st.fixed_dictionaries(
    {},
    optional={
        "question": entries,
        "questions": st.lists(entries, max_size=4),
        "gaps": st.lists(entries, max_size=4),
        "metadata": st.fixed_dictionaries({"gaps": st.lists(entries, max_size=3)}),
        "approved": st.booleans(),
        "issues": st.lists(entries, max_size=3),
        "blocks": ids,
    },
)


def refused_field(call, *args):
    """The field that is refused, None when nothing is; any other error goes through."""
    try:
        call(*args)
    except BadActivity as error:
        return error.field
    return None


@given(agents, values | st.dictionaries(keys, values))
def test_arbitrary_json_is_derived_or_refused_by_field(agent, details):
    assert (refused_field(derive, agent, "reported", details) or "details").startswith("details")
    assert (refused_field(derive_from_message, details) or "metadata").startswith("metadata")


@given(agents, reports)
def test_what_is_derived_is_unique_and_hangs_together(agent, details):
    derived = derive(agent, "reported", details)
    asked = {
        (question.text, question.blocks and frozenset(question.blocks)) for question in derived.questions
    }
    for rows in (derived.questions, derived.blockers):
        assert len({fingerprint(agent, row.text, row.blocks) for row in rows}) == len(rows)
    for blocker in derived.blockers:
        if blocker.question is not None:
            assert (blocker.question, blocker.blocks and frozenset(blocker.blocks)) in asked
