"""Answers that were given, kept for a moment: as many bytes of them as there is room for."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.utils.http import parse_etags

from sessions_app.hot.questions import Header, Question
from sessions_app.kept import Kept

# What is not in the state of an answer: how long ago something was, in words; somebody else's new name.
SECONDS_KEPT = 30.0
ROOM_BYTES = 64 * 1024 * 1024
MOST_BYTES = 512 * 1024
# What an answer weighs beside its body: its headers, and the question's.
_BESIDE_BYTES = 6_000
# Of the whole answer, not of the word that it stands.
_OF_THE_BODY = (b"content-length", b"content-type", b"content-encoding")


@dataclass(frozen=True, slots=True)
class Answer:
    """What Django said to a question: all of it but the request's name."""

    status: int
    headers: tuple[Header, ...]
    body: bytes
    etag: str
    # What it is called in figures: the route's template.
    route: str

    def stands(self, if_none_match: str) -> bool:
        """Whether the asker has it already."""
        if not (if_none_match and self.etag):
            return False
        known = parse_etags(if_none_match)
        return known == ["*"] or self.etag.removeprefix("W/") in (each.removeprefix("W/") for each in known)

    @property
    def headers_of_not_modified(self) -> list[Header]:
        """The headers of a 304 in its place."""
        return [header for header in self.headers if header[0].lower() not in _OF_THE_BODY]


class KeptAnswers:
    """Answers by question and state, for SECONDS_KEPT each; those asked for least lately go first."""

    def __init__(self, room_bytes: int = ROOM_BYTES) -> None:
        self._given: Kept[tuple[float, str, Answer]] = Kept(room_bytes, _weight)

    def holds(self, question: Question) -> bool:
        """Whether it was answered before, in whatever state."""
        return question.key in self._given

    def get(self, question: Question, state: str) -> Answer | None:
        """The answer, if it was given in this very state."""
        found = self._given.get(question.key)
        if found is None:
            return None
        until, was, answer = found
        if was != state or time.monotonic() > until:
            self._given.drop(question.key)
            return None
        return answer

    def keep(self, question: Question, state: str, answer: Answer, *, age: float = 0.0) -> None:
        """Keep an answer that was made in this state `age` seconds ago, if it is not too large."""
        if len(answer.body) > MOST_BYTES:
            self._given.drop(question.key)
        else:
            self._given.put(question.key, (time.monotonic() + SECONDS_KEPT - age, state, answer))


def _weight(given: tuple[float, str, Answer]) -> int:
    return len(given[2].body) + _BESIDE_BYTES
