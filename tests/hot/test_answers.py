"""What is kept has its room and its time."""

from __future__ import annotations

import pytest

from sessions_app.hot import answers
from sessions_app.hot.answers import Answer, KeptAnswers
from sessions_app.hot.questions import Question

STATE = "1.2.3"


def question(key: str) -> Question:
    return Question("GET", "/", True, "", (key,), None)


def answer(size: int = 10) -> Answer:
    return Answer(200, ((b"etag", b'"a"'),), b"x" * size, '"a"', "/")


def test_in_another_state_it_is_nothing() -> None:
    kept = KeptAnswers()
    kept.keep(question("a"), STATE, answer())
    assert kept.get(question("b"), STATE) is None
    assert kept.get(question("a"), STATE) == answer()
    assert kept.get(question("a"), "1.2.4") is None
    assert kept.get(question("a"), STATE) is None


def test_its_time_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "SECONDS_KEPT", -1.0)
    kept = KeptAnswers()
    kept.keep(question("a"), STATE, answer())
    assert kept.get(question("a"), STATE) is None


def test_what_was_made_a_while_ago_has_less_time() -> None:
    kept = KeptAnswers()
    kept.keep(question("a"), STATE, answer(), age=answers.SECONDS_KEPT + 1)
    kept.keep(question("b"), STATE, answer(), age=answers.SECONDS_KEPT - 20)
    assert kept.get(question("a"), STATE) is None
    assert kept.get(question("b"), STATE) == answer()


def test_those_asked_for_least_lately_make_room() -> None:
    kept = KeptAnswers(room_bytes=3 * 16_000)
    for key in "abc":
        kept.keep(question(key), STATE, answer(10_000))
    assert kept.get(question("a"), STATE)
    kept.keep(question("d"), STATE, answer(10_000))
    assert [key for key in "abcd" if kept.get(question(key), STATE)] == ["a", "c", "d"]


def test_what_is_too_large_is_not_kept() -> None:
    kept = KeptAnswers()
    kept.keep(question("a"), STATE, answer(answers.MOST_BYTES + 1))
    assert kept.get(question("a"), STATE) is None


@pytest.mark.parametrize("known", ['"a"', 'W/"a"', '"b", "a"', "*"])
def test_an_answer_stands_by_any_spelling_of_its_tag(known: str) -> None:
    assert answer().stands(known)


@pytest.mark.parametrize("known", ["", '"b"', "a"])
def test_another_tag_is_another_answer(known: str) -> None:
    assert not answer().stands(known)
