"""Answers that were given, kept for a moment: as many bytes of them as there is room for."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

from django.utils.http import parse_etags

from sessions_app.hot.questions import Header, Question

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


class Kept:
    """Answers by question and state, for SECONDS_KEPT each; those asked for least lately go first."""

    def __init__(self, room_bytes: int = ROOM_BYTES) -> None:
        self._room = room_bytes
        self._answers: OrderedDict[tuple[object, ...], tuple[float, str, Answer]] = OrderedDict()

    def holds(self, question: Question) -> bool:
        """Whether it was answered before, in whatever state."""
        return question.key in self._answers

    def get(self, question: Question, state: str) -> Answer | None:
        """The answer, if it was given in this very state."""
        found = self._answers.get(question.key)
        if found is None:
            return None
        until, was, answer = found
        if was != state or time.monotonic() > until:
            self._drop(question.key)
            return None
        self._answers.move_to_end(question.key)
        return answer

    def keep(self, question: Question, state: str, answer: Answer) -> None:
        """Keep an answer that was asked for in this state, if it is not too large."""
        self._drop(question.key)
        if len(answer.body) > MOST_BYTES:
            return
        self._answers[question.key] = (time.monotonic() + SECONDS_KEPT, state, answer)
        self._room -= len(answer.body) + _BESIDE_BYTES
        while self._room < 0:
            self._drop(next(iter(self._answers)))

    def _drop(self, key: tuple[object, ...]) -> None:
        if found := self._answers.pop(key, None):
            self._room += len(found[2].body) + _BESIDE_BYTES
