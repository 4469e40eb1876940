"""What the ranking of next steps is given: facts read from the database, nothing computed yet.

All moments are time-zone aware. A `version` is the subject's own one; it tells whether a
person's mark on the subject's step still holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class QuestionFact:
    """An open question. `blocks`: a blocker hangs on it, with or without items named.

    `blocked_count` exploring items wait for the answer; it `frees` those of them that nothing else holds up.
    """

    id: UUID
    text: str
    agent_type: str
    asked_at: datetime
    blocked_count: int
    frees: int
    blocks: bool
    version: int


@dataclass(frozen=True, slots=True)
class ItemFact:
    """An exploring item. `waiting_count`: how many exploring items wait for it."""

    id: UUID
    title: str
    changed_at: datetime
    waiting_count: int
    version: int


@dataclass(frozen=True, slots=True)
class BlockerFact:
    """An open blocker that anybody may settle.

    Not among these: dependencies, which come as waited-for items, and what waits for somebody or for a day.
    """

    id: UUID
    text: str
    type: str
    since: datetime
    blocked_count: int
    has_open_question: bool
    version: int


@dataclass(frozen=True, slots=True)
class WaitsForYouFact:
    """An open blocker that waits for this very person. `raised_by` is a name, "" for their own."""

    id: UUID
    text: str
    raised_by: str
    since: datetime
    blocked_count: int
    version: int


@dataclass(frozen=True, slots=True)
class WokenFact:
    """A parked item whose wake-up has come, as the job that wakes items has recorded it."""

    id: UUID
    title: str
    parked_reason: str
    parked_at: datetime
    woke_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class ContestedFact:
    """A decided item to review, since `contested_at`.

    `contested_by` is the name of who contests it, to show; "" where nobody does: its review date has come.
    """

    id: UUID
    title: str
    contested_at: datetime
    contested_by: str
    version: int


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """One project at one version.

    `longest_idle` holds a few exploring items, the longest unchanged ones: only one becomes a
    step, the others stand in for it when it is marked or already suggested by a higher rule.
    """

    project_id: UUID
    total_items: int
    exploring: int
    version: int
    questions: tuple[QuestionFact, ...] = ()
    waits_for_you: tuple[WaitsForYouFact, ...] = ()
    items_waited_for: tuple[ItemFact, ...] = ()
    blockers: tuple[BlockerFact, ...] = ()
    longest_idle: tuple[ItemFact, ...] = ()
    woken: tuple[WokenFact, ...] = ()
    contested: tuple[ContestedFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """One person's mark on a step. Snoozed with `until=None` means "until it changes"."""

    step_id: str
    kind: Literal["done", "snoozed"]
    subject_version: int
    until: datetime | None = None
