"""What an agent's report becomes: questions and blockers (docs: questions and blockers)."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from sessions_app.insights.activity_shapes import (
    MAX_IMPORTANCE,
    BadActivity,
    read_ids,
    read_label,
    read_list,
    read_moment,
    read_object,
    read_text,
    read_texts,
)

__all__ = [
    "BadActivity",
    "BlockerType",
    "Derived",
    "NewBlocker",
    "NewQuestion",
    "derive",
    "derive_from_message",
    "fingerprint",
]

BlockerType = Literal["information", "decision", "clarification"]

# An agent of this name waits for every answer it asks for, whether or not it names items.
CLARIFICATION_AGENT = "ClarificationAgent"

# In this name a person's contest of a decision is asked: no program and no model words it.
REVIEW_AGENT = "ReviewAgent"

# Only this agent's refusals stop a decision; others may use `approved` and `issues` as they like.
VERIFICATION_AGENT = "VerificationAgent"


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question to ask. `blocks`: ids of items, or blockers, that wait for the answer."""

    text: str
    category: str = ""
    importance: str = ""
    options: tuple[str, ...] = ()
    blocks: tuple[UUID, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewBlocker:
    """A blocker to report. `question`: text of the question it hangs on, which has the same `blocks`."""

    type: BlockerType
    text: str
    category: str = ""
    importance: str = ""
    blocks: tuple[UUID, ...] = ()
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """All that one report becomes. The ids are well formed; whose they are the caller checks."""

    questions: tuple[NewQuestion, ...] = ()
    blockers: tuple[NewBlocker, ...] = ()
    # What the report as a whole blocks, also where nothing in it asks or stops.
    blocks: tuple[UUID, ...] = ()
    fills: tuple[UUID, ...] = ()
    resolves: tuple[UUID, ...] = ()


def derive(agent_type: str, action: str, details: object) -> Derived:
    """What the report becomes; empty when no rule speaks of it.

    `details` is any JSON value. `action` is kept and shown, but no rule depends on it: agents name
    their actions freely. What a report says twice counts once. Keys that no rule names are left
    alone. Raises BadActivity when a key that a rule names has a wrong shape.
    """
    fields = read_object(details, "details")
    blocks = read_ids(fields.get("blocks"), "details.blocks")
    asked = _asked(fields, blocks)
    gaps = _gaps(fields, blocks)
    questions = _once(agent_type, [*asked, *_gap_questions(gaps)])
    blockers = [*_clarifications(agent_type, asked), *gaps, *_issues(agent_type, fields, blocks)]
    return Derived(
        questions=questions,
        blockers=_hung_on(agent_type, _once(agent_type, blockers), questions),
        blocks=blocks,
        fills=read_ids(fields.get("fills"), "details.fills"),
        resolves=read_ids(fields.get("resolves"), "details.resolves"),
    )


def derive_from_message(metadata: object) -> tuple[NewQuestion, ...]:
    """The questions in a message's `agentQuestions`; the caller asks only for messages by agents.

    `metadata` is any JSON value. Raises BadActivity when it or `agentQuestions` has a wrong shape.
    """
    listed = read_object(metadata, "metadata").get("agentQuestions")
    # All are by the one agent that wrote the message, so its name tells none of them apart.
    return _once(
        "", [_question(entry, path, ()) for path, entry in read_list(listed, "metadata.agentQuestions")]
    )


def fingerprint(agent_type: str, text: str, subject_ids: Iterable[UUID]) -> str:
    """Identity of "the same text from the same agent on the same subject": 64 hex digits.

    Case, width of characters, amount of white space and order of the ids make no difference.
    """
    identity = json.dumps([agent_type, _folded(text), sorted({str(id_) for id_ in subject_ids})])
    return hashlib.sha256(identity.encode()).hexdigest()


def _asked(fields: Mapping[str, object], blocks: tuple[UUID, ...]) -> list[NewQuestion]:
    """`details.question` and `details.questions`."""
    entries = read_list(fields.get("questions"), "details.questions")
    if fields.get("question") is not None:
        entries = [("details.question", fields["question"]), *entries]
    return [_question(entry, path, blocks) for path, entry in entries]


def _question(entry: object, path: str, blocks: tuple[UUID, ...]) -> NewQuestion:
    """A text, or an object with `question` or `text`."""
    if isinstance(entry, str):
        return NewQuestion(read_text(entry, path), blocks=blocks)
    fields = _text_or_object(entry, path)
    return NewQuestion(
        text=_either_text(fields, path, "question", "text"),
        category=read_label(fields.get("category"), f"{path}.category"),
        importance=read_label(fields.get("importance"), f"{path}.importance", MAX_IMPORTANCE),
        options=read_texts(fields.get("options"), f"{path}.options"),
        blocks=_own_or(blocks, fields, path),
        expires_at=read_moment(fields.get("expiresAt"), f"{path}.expiresAt"),
    )


def _gaps(fields: Mapping[str, object], blocks: tuple[UUID, ...]) -> list[NewBlocker]:
    """`details.gaps` and `details.metadata.gaps`."""
    entries = read_list(fields.get("gaps"), "details.gaps")
    metadata = fields.get("metadata")
    # No rule names metadata itself, so an agent may keep anything else there.
    if isinstance(metadata, Mapping):
        entries += read_list(metadata.get("gaps"), "details.metadata.gaps")
    return [_gap(entry, path, blocks) for path, entry in entries]


def _gap(entry: object, path: str, blocks: tuple[UUID, ...]) -> NewBlocker:
    """A text, or an object with `description` and perhaps the `question` that would fill it."""
    if isinstance(entry, str):
        return NewBlocker("information", read_text(entry, path), blocks=blocks)
    fields = _text_or_object(entry, path)
    question = fields.get("question")
    return NewBlocker(
        type="information",
        text=read_text(fields.get("description"), f"{path}.description"),
        category=read_label(fields.get("category"), f"{path}.category"),
        importance=read_label(fields.get("importance"), f"{path}.importance", MAX_IMPORTANCE),
        blocks=_own_or(blocks, fields, path),
        question=None if question is None else read_text(question, f"{path}.question"),
    )


def _gap_questions(gaps: list[NewBlocker]) -> Iterator[NewQuestion]:
    for gap in gaps:
        if gap.question is not None:
            yield NewQuestion(gap.question, gap.category, gap.importance, blocks=gap.blocks)


def _clarifications(agent_type: str, asked: list[NewQuestion]) -> Iterator[NewBlocker]:
    """A blocker for each question that somebody waits for. A gap's question has its gap already."""
    for question in asked:
        if question.blocks or agent_type == CLARIFICATION_AGENT:
            yield NewBlocker(
                type="clarification",
                text=question.text,
                category=question.category,
                importance=question.importance,
                blocks=question.blocks,
                question=question.text,
            )


def _issues(agent_type: str, fields: Mapping[str, object], blocks: tuple[UUID, ...]) -> list[NewBlocker]:
    """What a verification found wrong; nothing unless it was refused."""
    if agent_type != VERIFICATION_AGENT:
        return []
    approved = fields.get("approved")
    # A "false" in quotes, taken for no refusal, would lose the blockers without a word.
    if not isinstance(approved, bool | None):
        raise BadActivity("details.approved", "must be true or false.")
    if approved is not False:
        return []
    return [_issue(entry, path, blocks) for path, entry in read_list(fields.get("issues"), "details.issues")]


def _issue(entry: object, path: str, blocks: tuple[UUID, ...]) -> NewBlocker:
    """A text, or an object with `description` or `text`."""
    if isinstance(entry, str):
        return NewBlocker("decision", read_text(entry, path), blocks=blocks)
    fields = _text_or_object(entry, path)
    text = _either_text(fields, path, "description", "text")
    return NewBlocker("decision", text, blocks=_own_or(blocks, fields, path))


def _text_or_object(entry: object, path: str) -> Mapping[str, object]:
    if not isinstance(entry, Mapping):
        raise BadActivity(path, "must be text or an object.")
    return entry


def _either_text(fields: Mapping[str, object], path: str, key: str, other: str) -> str:
    """The text under `key`, or under `other` when there is none; an error names the key used."""
    used = other if fields.get(key) is None and fields.get(other) is not None else key
    return read_text(fields.get(used), f"{path}.{used}")


def _own_or(blocks: tuple[UUID, ...], fields: Mapping[str, object], path: str) -> tuple[UUID, ...]:
    """An entry's own `blocks`, an empty list too; else what the whole report blocks."""
    own = fields.get("blocks")
    return blocks if own is None else read_ids(own, f"{path}.blocks")


Reported = TypeVar("Reported", NewQuestion, NewBlocker)


def _once(agent_type: str, rows: Iterable[Reported]) -> tuple[Reported, ...]:
    """The rows, each identity once: the first stands. One report is one sighting."""
    first: dict[str, Reported] = {}
    for row in rows:
        first.setdefault(fingerprint(agent_type, row.text, row.blocks), row)
    return tuple(first.values())


def _hung_on(
    agent_type: str, blockers: tuple[NewBlocker, ...], questions: tuple[NewQuestion, ...]
) -> tuple[NewBlocker, ...]:
    """The blockers, each naming its question as it stands: its own spelling may have been dropped."""
    texts = {fingerprint(agent_type, question.text, question.blocks): question.text for question in questions}
    return tuple(
        blocker
        if blocker.question is None
        else replace(blocker, question=texts[fingerprint(agent_type, blocker.question, blocker.blocks)])
        for blocker in blockers
    )


def _folded(text: str) -> str:
    # Folding case can undo the normal form, so it is made again.
    normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(normal.split())
