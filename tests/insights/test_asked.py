"""Which messages end in a question that wants an answer."""

from __future__ import annotations

import pytest

from sessions_app.insights.asked import MOST_CHARACTERS, open_question


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Who has the key?", "Who has the key?"),
        ("The hall is dry. Who has the key?", "Who has the key?"),
        ("I looked.\nWho has the key to the hall? 🙂", "Who has the key to the hall?"),
        ("> Bob has it\nSo who has the key?", "So who has the key?"),
        ("Who has the key?!", "Who has the key?!"),
        ("(Who has the key?)", "(Who has the key?"),
        ("@bob can you bring the key?", "@bob can you bring the key?"),
    ],
)
def test_a_question_at_the_end(text: str, question: str) -> None:
    assert open_question(text) == question


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bob has the key.",
        "Who has the key? I have it.",
        "Really?",
        "Why not?",
        "Right?",
        "You're coming, right?? Good.",
        "???",
        "Who knows how long that takes?",
        "/ask Who has the key?",
        "/decide Who has the key?",
        "> Who has the key?",
        "Look:\n```\nwho has the key?\n```",
        "https://example.org/?a=1",
    ],
)
def test_no_question(text: str) -> None:
    assert open_question(text) == ""


def test_a_long_one_is_quoted_from_its_end() -> None:
    asked = open_question("word " * 500 + "who has the key?")
    assert asked.startswith("… ")
    assert asked.endswith("who has the key?")
    assert len(asked) <= MOST_CHARACTERS + 2
