"""What messages say in plain words, and what they do not say."""

from __future__ import annotations

import datetime as dt

import pytest

from sessions_app.insights.commands import Statement
from sessions_app.insights.said import MOST_STATEMENTS, TITLE_MAX_CHARACTERS, read

SAID = [
    # decided
    ("We decided to rent the mill hall.", "decide", "Rent the mill hall"),
    ("we decided that the doors open at nine", "decide", "The doors open at nine"),
    ("We've decided that we will open on Sundays!", "decide", "Open on Sundays"),
    ("We have now all agreed to open on Sundays.", "decide", "Open on Sundays"),
    ("We decided on the red shelves.", "decide", "The red shelves"),
    ("We decided yesterday to rent the mill hall", "decide", "Rent the mill hall"),
    ("We decided to go with the mill hall", "decide", "The mill hall"),
    ("We agreed: tickets cost five pounds.", "decide", "Tickets cost five pounds"),
    ("We decided not to open on Sundays.", "decide", "Do not open on Sundays"),
    ("We decided against plastic covers.", "decide", "No plastic covers"),
    ("Decision: rent the mill hall", "decide", "Rent the mill hall"),
    ("**Decision:** rent the mill hall", "decide", "Rent the mill hall"),
    ("- Decided: “Rent the mill hall”", "decide", "Rent the mill hall"),
    ("Ok, so let's go with the mill hall then.", "decide", "The mill hall"),
    ("Let’s go with “The Marsh in Winter” for now", "decide", "The Marsh in Winter"),
    ("We'll go with larger print.", "decide", "Larger print"),
    ("We're going with larger print", "decide", "Larger print"),
    ("It's decided: larger print.", "decide", "Larger print"),
    ("It was decided to use larger print.", "decide", "Use larger print"),
    ("Good. Today we decided to use larger print.", "decide", "Use larger print"),
    ("It rained all day, so we decided to use larger print.", "decide", "Use larger print"),
    ("We decided to rent the mill hall, but the key is still with Bob.", "decide", "Rent the mill hall"),
    ("@bob we decided to rent the mill hall", "decide", "Rent the mill hall"),
    # parked
    ("Let's park the newsletter.", "park", "The newsletter"),
    ("ok let's park the newsletter for now", "park", "The newsletter"),
    ("Let us put the newsletter on hold", "park", "The newsletter"),
    ("We parked the newsletter", "park", "The newsletter"),
    ("We postponed the opening party.", "park", "The opening party"),
    ("Parked: newsletter", "park", "Newsletter"),
    # explored
    ("Let's explore a night bus", "explore", "A night bus"),
    ("Let's reopen the mill hall.", "explore", "The mill hall"),
]

UNSAID = [
    "Have we decided to rent the mill hall?",
    "We decided to rent the mill hall?",
    "We decided to rent the mill hall, right?",
    "Did we agree on larger print?",
    "We have not decided to rent the mill hall.",
    "We haven't decided on the mill hall",
    "We never decided to rent the mill hall.",
    "We almost decided to rent the mill hall.",
    "We had decided to rent the mill hall, but that was last year.",
    "If we decided to rent the mill hall, it would cost 300.",
    "What if we decided to rent the mill hall",
    "Suppose we decided to rent the mill hall.",
    "Once we decided to rent it, so we agreed to pay the mill",
    "I thought we decided to rent the mill hall.",
    "I think we decided to rent the mill hall.",
    "Bob said we decided to rent the mill hall.",
    "They decided to rent the mill hall.",
    "I decided to buy a boat.",
    "We will decide tomorrow.",
    "We need to decide on the hall.",
    "Let's decide on the hall on Friday.",
    "We decided.",
    "We decided nothing yet.",
    "We decided what to do.",
    "We decided on that.",
    "We decided to do it",
    "We agreed with Bob about the hall",
    "We agreed to disagree.",
    "We agreed to discuss the hall next week.",
    "We agreed in principle on the hall",
    "Decision: pending",
    "Decision: open",
    "Decision: none yet, sorry?",
    "> We decided to rent the mill hall.",
    "“We decided to rent the mill hall”, as Ann put it.",
    "```\nWe decided to rent the mill hall.\n```",
    "The page should say: we decided to rent the mill hall",
    "Let's not park the newsletter.",
    "Let's park that.",
    "Let's park it for now",
    "Let's park the car behind the mill.",
    "Let's park behind the mill.",
    "Shall we park the newsletter?",
    "Let's go with that",
    "Let's go with option 2",
    "Let's go with the second one",
    "Let's go with the mill hall unless Bob objects",
    "Let's go with the mill hall if nobody objects.",
    "Let's go to the mill hall",
    "Maybe it rains, so we decided to move inside.",
    "It didn't rain, so we decided to move outside.",
    "The park is beautiful.",
    "Good morning!",
    "",
    "/",
    "/etc/hosts is a file",
    "We decided to " + "word " * 60,
    "We decided to " + "x" * (TITLE_MAX_CHARACTERS + 1),
]


@pytest.mark.parametrize(("text", "verb", "title"), SAID)
def test_what_is_said_as_a_fact_is_heard(text: str, verb: str, title: str) -> None:
    (statement,) = read(text).statements
    assert (statement.verb, statement.title) == (verb, title)
    assert 0 < statement.confidence < 1
    assert statement.quote in text


@pytest.mark.parametrize("text", UNSAID)
def test_what_is_not_a_fact_is_not_heard(text: str) -> None:
    assert not read(text)


@pytest.mark.parametrize(
    ("text", "title", "reason"),
    [
        ("We decided to rent the mill hall because it is dry.", "Rent the mill hall", "it is dry"),
        ("Let's go with larger print, because Vera asked for it", "Larger print", "Vera asked for it"),
        ("Let's park the newsletter until spring", "The newsletter", "until spring"),
        ("Let's park the newsletter until the hall is paid, because money", "The newsletter", "money"),
    ],
)
def test_the_reason_is_heard_with_it(text: str, title: str, reason: str) -> None:
    (statement,) = read(text).statements
    assert (statement.title, statement.reason) == (title, reason)


def test_a_day_to_come_back_is_heard_with_it() -> None:
    (statement,) = read("Let's park the newsletter until 2027-03-31.").statements
    assert (statement.title, statement.until, statement.reason) == (
        "The newsletter",
        dt.date(2027, 3, 31),
        "",
    )


def test_a_message_may_say_several_things() -> None:
    text = (
        "We decided to rent the mill hall. Nice evening!\n"
        "> We decided to sell it.\n"
        "Let's park the newsletter."
    )
    assert [(each.verb, each.title, each.quote) for each in read(text).statements] == [
        ("decide", "Rent the mill hall", "We decided to rent the mill hall."),
        ("park", "The newsletter", "Let's park the newsletter."),
    ]


def test_a_pasted_list_is_read_to_a_limit() -> None:
    text = "\n".join(f"We decided to buy shelf number {n}" for n in range(1, 50))
    assert len(read(text).statements) == MOST_STATEMENTS


def command(text: str) -> Statement:
    (statement,) = read(text).statements
    assert statement.is_command
    assert statement.quote == text.strip()
    return statement


@pytest.mark.parametrize(
    ("text", "verb", "title", "reason", "until"),
    [
        ("/decide Rent the mill hall", "decide", "Rent the mill hall", "", None),
        ("/DECIDE   Rent  the mill hall.", "decide", "Rent the mill hall.", "", None),
        ("  /decide Rent the hall because it is dry", "decide", "Rent the hall", "it is dry", None),
        ("/decide Rent the hall, because we can because", "decide", "Rent the hall", "we can because", None),
        ("/park Newsletter", "park", "Newsletter", "", None),
        ("/park Newsletter until 2027-03-31", "park", "Newsletter", "", dt.date(2027, 3, 31)),
        ("/park Newsletter until 2027-3-1", "park", "Newsletter", "", dt.date(2027, 3, 1)),
        (
            "/park Newsletter because money until 2027-03-31",
            "park",
            "Newsletter",
            "money",
            dt.date(2027, 3, 31),
        ),
        (
            "/park Newsletter until 2027-03-31 because money",
            "park",
            "Newsletter",
            "money",
            dt.date(2027, 3, 31),
        ),
        ("/park Waiting until spring", "park", "Waiting until spring", "", None),
        ("/explore A night bus", "explore", "A night bus", "", None),
        (
            "/ask How many seats, and because of what?",
            "ask",
            "How many seats, and because of what?",
            "",
            None,
        ),
        ("/ask: Who has the key?", "ask", "Who has the key?", "", None),
        ("/decide Should we?", "decide", "Should we?", "", None),
    ],
)
def test_a_command_says_what_and_why(
    text: str, verb: str, title: str, reason: str, until: dt.date | None
) -> None:
    said = command(text)
    assert (said.verb, said.title, said.reason, said.until) == (verb, title, reason, until)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("/decide", "which item"),
        ("/decide because it is dry", "which item"),
        ("/decide ---", "which item"),
        ("/park Newsletter until 2027-02-31", "no day"),
        ("/park Newsletter until 2027-99-99", "no day"),
        ("/ask", "what to ask"),
        ("/decide " + "x" * 301, "at most 300"),
        ("/decide x because " + "x" * 2001, "at most 2,000"),
        ("/ask " + "x" * 2001, "at most 2,000"),
    ],
)
def test_a_command_that_cannot_be_followed_says_what_to_write(text: str, word: str) -> None:
    heard = read(text)
    assert heard.statements == ()
    assert word in heard.slips[0].rule


@pytest.mark.parametrize(
    "text",
    [
        "/decided Rent it",
        "Say /decide Rent it",
        "> /decide Rent it",
        "```\n/decide Rent it\n```",
        "/ decide x",
        "//decide x",
    ],
)
def test_what_only_looks_like_a_command_is_none(text: str) -> None:
    assert not read(text)


def test_commands_may_stand_between_other_lines() -> None:
    text = "Thanks all!\n/decide Rent the hall\nSee you.\n/ask Who has the key?"
    assert [(each.verb, each.title) for each in read(text).statements] == [
        ("decide", "Rent the hall"),
        ("ask", "Who has the key?"),
    ]


def test_a_hostile_message_is_read_quickly() -> None:
    """As long as a message may be, made of what the patterns repeat."""
    for part in ("ok, ", "we decided that ", "so, ", "let's ", "and then, ", "because ", "( ", "until "):
        read((part * 20_000)[:20_000])
