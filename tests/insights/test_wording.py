from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.insights.next_steps import suggest
from sessions_app.insights.step_row import RULES
from sessions_app.insights.wording import SUBJECT_LIMIT, Step, changes_in_words, since_parts, word_step
from tests.insights.cast import NOW, project_facts, row


def worded(*args, **kwargs):
    step = word_step(row(*args, **kwargs), NOW)
    return step.text, step.reason


# A step's text and why


def test_a_step_carries_what_its_row_says():
    stored = row("answer_blocking", count=4, frees=4, priority="high")
    assert word_step(stored, NOW) == Step(
        id=stored.id,
        text="Answer: “Pricing”",
        priority="high",
        reason="Waiting 3 days; answering frees 4 items.",
        blocks_others=True,
        blocked_count=4,
    )


@pytest.mark.parametrize(
    ("stored", "text", "reason"),
    [
        (
            row("answer_blocking", count=1, frees=1, since=1),
            "Answer: “Pricing”",
            "Waiting 1 day; answering frees 1 item.",
        ),
        (
            row("answer_blocking", since=0, count=3, frees=2),
            "Answer: “Pricing”",
            "Asked just now; answering frees 2 items and helps 1 more.",
        ),
        (
            row("answer_blocking", since=0, count=2),
            "Answer: “Pricing”",
            "Asked just now; answering helps 2 items.",
        ),
        (
            row("do_yours", detail="Ann", count=2),
            "Ann waits for you: Pricing",
            "Raised 3 days ago; 2 items wait for it.",
        ),
        (row("do_yours"), "This waits for you: Pricing", "Raised 3 days ago."),
        (
            row("answer_blocking", detail="ClarificationAgent"),
            "Answer: “Pricing”",
            "Waiting 3 days; ClarificationAgent waits for it.",
        ),
        (row("answer_blocking"), "Answer: “Pricing”", "Waiting 3 days; an agent waits for it."),
        (row("answer"), "Answer: “Pricing”", "Waiting 3 days."),
        (
            row("decide_waited_for", count=4, since=14),
            "Decide “Pricing”",
            "4 items wait for this; unchanged for 2 weeks.",
        ),
        (
            row("decide_waited_for", count=1, since=0),
            "Decide “Pricing”",
            "1 item waits for this; changed just now.",
        ),
        (row("supply_missing", count=2), "Find out: Pricing", "Reported 3 days ago; 2 items wait for it."),
        (row("supply_missing"), "Find out: Pricing", "Reported 3 days ago."),
        (row("clear_blocker", detail="clarification"), "Clear up: Pricing", "Reported 3 days ago."),
        (row("clear_blocker", detail="decision"), "Settle: Pricing", "Reported 3 days ago."),
        (row("decide_idle", since=40), "Decide “Pricing”", "Not decided yet; unchanged for 1 month."),
        (
            row("look_again", since=21, detail="budget unclear"),
            "Look again at “Pricing”",
            "Parked 3 weeks ago: budget unclear. Its wake-up has come.",
        ),
        (row("review", since=2, detail="Bob"), "Review “Pricing”", "Bob contested this 2 days ago."),
        (row("review", since=2), "Review “Pricing”", "Its review date has come."),
        (row("first_idea", since=None), "Add the first idea", "Nothing here yet."),
        (row("decide_next", since=None), "Decide what is next", "Everything here is decided or parked."),
    ],
)
def test_what_to_do_and_why(stored, text, reason):
    step = word_step(stored, NOW)
    assert (step.text, step.reason) == (text, reason)


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ("", "Parked 3 weeks ago. Its wake-up has come."),
        ("  ", "Parked 3 weeks ago. Its wake-up has come."),
        ("Too dear.", "Parked 3 weeks ago: Too dear. Its wake-up has come."),
        ("who pays?", "Parked 3 weeks ago: who pays? Its wake-up has come."),
        ("a " * 200, f"Parked 3 weeks ago: {'a ' * 59}a… Its wake-up has come."),
    ],
)
def test_a_parked_reason_ends_as_a_sentence(detail, reason):
    assert worded("look_again", since=21, detail=detail)[1] == reason


# Long subjects


def subject_shown(subject):
    return worded("supply_missing", subject=subject)[0].removeprefix("Find out: ")


def test_a_subject_at_the_limit_is_whole():
    assert subject_shown("x" * SUBJECT_LIMIT) == "x" * SUBJECT_LIMIT


def test_a_long_subject_ends_at_a_word():
    assert subject_shown("budget, " * 30) == ("budget, " * 14 + "budget…")


def test_a_word_that_just_fits_is_kept():
    fits = "x" * 60 + " " + "y" * (SUBJECT_LIMIT - 62)
    assert subject_shown(fits + " zzz") == fits + "…"


def test_a_word_that_just_does_not_fit_is_dropped():
    too_long = "x" * 60 + " " + "y" * (SUBJECT_LIMIT - 61)
    assert subject_shown(too_long + " zzz") == "x" * 60 + "…"


def test_a_short_word_before_an_endless_one_is_not_all_there_is():
    assert subject_shown("See " + "x" * 200) == "See " + "x" * (SUBJECT_LIMIT - 5) + "…"


def test_one_endless_word_is_cut_where_it_must():
    assert subject_shown("x" * 200) == "x" * (SUBJECT_LIMIT - 1) + "…"


def test_a_cut_does_not_part_an_accent_from_its_letter():
    assert subject_shown("x" * (SUBJECT_LIMIT - 2) + "e\u0301" * 50) == "x" * (SUBJECT_LIMIT - 2) + "…"


def test_lines_become_one():
    assert subject_shown("who\n\npays\tfor it") == "who pays for it"


def test_a_subject_cannot_turn_round_the_sentence():
    assert subject_shown("pay\u202eer") == "payer"


@given(st.text(max_size=400))
def test_a_shown_subject_never_exceeds_the_limit(subject):
    assert len(subject_shown(subject)) <= SUBJECT_LIMIT
    assert "\n" not in subject_shown(subject)


# Whatever is suggested can be said


@given(project_facts())
def test_every_suggestion_is_worded(facts):
    for stored in suggest(facts, (), NOW):
        step = word_step(stored, NOW)
        assert step.text
        assert step.reason.endswith((".", "…"))
        assert ".." not in step.reason.replace(stored.detail, "")


@pytest.mark.parametrize("rule", RULES)
def test_a_row_without_a_time_can_still_be_said(rule):
    assert word_step(replace(row(rule), since=None), NOW).reason


# What changed, for the live region


def test_changes_in_words():
    assert changes_in_words({"questions": 1, "decided": 2}) == "2 new decisions, 1 new question"


def test_no_change_says_nothing():
    assert changes_in_words({}) == changes_in_words({"decided": 0}) == ""


def test_all_changes_have_words():
    keys = ["decided", "reopened", "contested", "reviews", "questions", "answers", "blockers"]
    keys += ["cleared", "woken", "parked", "added", "removed", "messages"]
    assert changes_in_words(dict.fromkeys(keys, 1)) == (
        "1 new decision, 1 item reopened, 1 decision contested, 1 decision to review, 1 new question, "
        "1 new answer, 1 new blocker, 1 blocker cleared, 1 item woke up, 1 item parked, "
        "1 new item, 1 item removed, 1 new message"
    )
    assert changes_in_words(dict.fromkeys(keys, 2)) == (
        "2 new decisions, 2 items reopened, 2 decisions contested, 2 decisions to review, 2 new questions, "
        "2 new answers, 2 new blockers, 2 blockers cleared, 2 items woke up, "
        "2 items parked, 2 new items, 2 items removed, 2 new messages"
    )


def test_a_change_without_words_is_an_error():
    with pytest.raises(ValueError, match="exploded"):
        changes_in_words({"exploded": 1})


# What happened since


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        (
            (3, 2, 1, 2),
            "Since Tuesday: 3 decided, 2 of them by agents, 1 reopened; 2 questions wait for you.",
        ),
        ((3, 0, 0, 0), "Since Tuesday: 3 decided."),
        ((3, 1, 0, 0), "Since Tuesday: 3 decided, 1 of them by an agent."),
        ((3, 3, 0, 0), "Since Tuesday: 3 decided, all by agents."),
        ((1, 1, 0, 1), "Since Tuesday: 1 decided, by an agent; 1 question waits for you."),
        ((0, 0, 2, 0), "Since Tuesday: 2 reopened."),
        ((0, 0, 0, 2), "Nothing new since Tuesday; 2 questions wait for you."),
        ((0, 0, 0, 0), "Nothing new since Tuesday."),
    ],
)
def test_the_sentence_of_what_happened_since(numbers, sentence):
    assert "".join(part.text for part in since_parts("Tuesday", *numbers)) == sentence


def test_each_number_of_the_sentence_names_the_list_it_counts():
    parts = since_parts("Tuesday", 3, 2, 1, 2)
    assert [(part.text, part.target) for part in parts if any(map(str.isdigit, part.text))] == [
        ("3 decided", "decided"),
        ("2 of them by agents", "by_agents"),
        ("1 reopened", "reopened"),
        ("2 questions wait", "questions"),
    ]
    assert [part.target for part in since_parts("09:30", 0, 0, 0, 0)] == ["", ""]
