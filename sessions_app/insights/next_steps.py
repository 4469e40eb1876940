"""Which steps to suggest next: pure, deterministic, explained (docs: rules of next steps)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from sessions_app.insights.facts import (
    BlockerFact,
    ItemFact,
    Mark,
    ProjectFacts,
    QuestionFact,
    WaitsForYouFact,
)
from sessions_app.insights.step_row import PRIORITIES, RULES, Priority, Rule, StepRow

__all__ = ["MAX_STEPS", "Priority", "Rule", "StepRow", "hidden", "suggest"]

# More than a handful is a list to manage, not a hint where to start.
MAX_STEPS = 5


def suggest(facts: ProjectFacts, marks: Iterable[Mark], now: datetime) -> tuple[StepRow, ...]:
    """The steps to show, best first, at most MAX_STEPS, never one that a mark hides.

    `marks` are one person's (none for an agent); `now` is the server's time and decides only
    whether a snooze has ended. The order of what is passed in makes no difference: higher priority
    first, then by rule, then what holds up more items, then older, then by id.
    """
    holding = _holding(marks, now)
    free = (row for row in _ranked(facts) if not _is_held(row, holding))
    return tuple(_one_idle(free))[:MAX_STEPS]


def hidden(facts: ProjectFacts, marks: Iterable[Mark], now: datetime) -> tuple[StepRow, ...]:
    """Every step that a mark hides now, in the same order and not cut, so that each can be undone.

    What blocks others still says so here: it may be snoozed, but it still counts.
    """
    holding = _holding(marks, now)
    return tuple(row for row in _ranked(facts) if _is_held(row, holding))


def _holding(marks: Iterable[Mark], now: datetime) -> set[tuple[str, int]]:
    """Step id and subject version of each mark that holds now.

    The version is part of it because a changed subject brings its step back, whatever the mark.
    """
    return {
        (mark.step_id, mark.subject_version)
        for mark in marks
        if mark.kind == "done" or mark.until is None or now < mark.until
    }


def _is_held(row: StepRow, holding: set[tuple[str, int]]) -> bool:
    return (row.id, row.subject_version) in holding


def _one_idle(rows: Iterable[StepRow]) -> Iterator[StepRow]:
    """The rows with only the first of the idle items: one nudge of that kind is enough."""
    idle_seen = False
    for row in rows:
        if row.rule == "decide_idle":
            if idle_seen:
                continue
            idle_seen = True
        yield row


def _ranked(facts: ProjectFacts) -> list[StepRow]:
    """All steps the facts give, best first, one for each subject: the highest rule takes it."""
    rows = [
        *_questions(facts),
        *_yours(facts),
        *_items(facts),
        *_blockers(facts),
        *_woken(facts),
        *_contested(facts),
        *_project(facts),
    ]
    # Priority goes before the rule, or a blocker that blocks nothing would stand above one that
    # does. Each rule's rows come in their own order, and sorting is stable.
    rows.sort(key=lambda row: (PRIORITIES.index(row.priority), RULES.index(row.rule)))
    best: dict[str, StepRow] = {}
    for row in rows:
        best.setdefault(_subject_key(row), row)
    return list(best.values())


def _subject_key(row: StepRow) -> str:
    """`item:<uuid>` for `item:<uuid>:wake` too: it is the same item."""
    kind, uuid, *_rest = row.id.split(":")
    return f"{kind}:{uuid}"


def _questions(facts: ProjectFacts) -> Iterator[StepRow]:
    for question in sorted(facts.questions, key=lambda q: (-q.blocked_count, q.asked_at, q.id)):
        blocks = _question_blocks(question)
        yield StepRow(
            id=f"question:{question.id}",
            rule="answer_blocking" if blocks else "answer",
            subject=question.text,
            priority="high" if blocks else "medium",
            blocks_others=blocks,
            blocked_count=question.blocked_count,
            since=question.asked_at.astimezone(UTC),
            detail=question.agent_type,
            subject_version=question.version,
            frees=question.frees,
        )


def _question_blocks(question: QuestionFact) -> bool:
    """An agent may wait for the answer without naming items, so a count alone does not tell."""
    return question.blocks or question.blocked_count > 0


def _yours(facts: ProjectFacts) -> Iterator[StepRow]:
    """What waits for this very person, the most blocking first."""
    for blocker in sorted(facts.waits_for_you, key=lambda b: (-b.blocked_count, b.since, b.id)):
        yield _blocker(blocker, "do_yours", blocker.raised_by)


def _items(facts: ProjectFacts) -> Iterator[StepRow]:
    """Items that others wait for, the most waited-for first; then the idle ones, oldest first.

    One that is both comes twice, and its higher rule takes it.
    """
    items = (*facts.items_waited_for, *facts.longest_idle)
    waited_for = (item for item in items if item.waiting_count > 0)
    for item in sorted(waited_for, key=lambda i: (-i.waiting_count, i.changed_at, i.id)):
        yield _decide(item, "decide_waited_for", "high")
    for item in sorted(facts.longest_idle, key=lambda i: (i.changed_at, i.id)):
        yield _decide(item, "decide_idle", "medium")


def _decide(item: ItemFact, rule: Rule, priority: Priority) -> StepRow:
    return StepRow(
        id=f"item:{item.id}",
        rule=rule,
        subject=item.title,
        priority=priority,
        blocks_others=item.waiting_count > 0,
        blocked_count=item.waiting_count,
        since=item.changed_at.astimezone(UTC),
        detail="",
        subject_version=item.version,
    )


def _blockers(facts: ProjectFacts) -> Iterator[StepRow]:
    # One with an open question has that question's step, even while that step is marked.
    without_question = (blocker for blocker in facts.blockers if not blocker.has_open_question)
    for blocker in sorted(without_question, key=lambda b: (-b.blocked_count, b.since, b.id)):
        yield _blocker(blocker, _blocker_rule(blocker), blocker.type)


def _blocker(blocker: BlockerFact | WaitsForYouFact, rule: Rule, detail: str) -> StepRow:
    blocks = blocker.blocked_count > 0
    return StepRow(
        id=f"blocker:{blocker.id}",
        rule=rule,
        subject=blocker.text,
        priority="high" if blocks else "medium",
        blocks_others=blocks,
        blocked_count=blocker.blocked_count,
        since=blocker.since.astimezone(UTC),
        detail=detail,
        subject_version=blocker.version,
    )


def _blocker_rule(blocker: BlockerFact) -> Rule:
    return "supply_missing" if blocker.type == "information" else "clear_blocker"


def _woken(facts: ProjectFacts) -> Iterator[StepRow]:
    for item in sorted(facts.woken, key=lambda i: (i.woke_at, i.id)):
        yield StepRow(
            id=f"item:{item.id}:wake",
            rule="look_again",
            subject=item.title,
            priority="medium",
            blocks_others=False,
            blocked_count=0,
            since=item.parked_at.astimezone(UTC),
            detail=item.parked_reason,
            subject_version=item.version,
        )


def _contested(facts: ProjectFacts) -> Iterator[StepRow]:
    for item in sorted(facts.contested, key=lambda i: (i.contested_at, i.id)):
        yield StepRow(
            id=f"item:{item.id}:review",
            rule="review",
            subject=item.title,
            priority="medium",
            blocks_others=False,
            blocked_count=0,
            since=item.contested_at.astimezone(UTC),
            detail=item.contested_by,
            subject_version=item.version,
        )


def _project(facts: ProjectFacts) -> Iterator[StepRow]:
    if facts.exploring > 0:
        return
    yield StepRow(
        id=f"project:{facts.project_id}",
        rule="decide_next" if facts.total_items > 0 else "first_idea",
        subject="",
        priority="low",
        blocks_others=False,
        blocked_count=0,
        since=None,
        detail="",
        subject_version=facts.version,
    )
