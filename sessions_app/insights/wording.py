"""Facts become sentences here, at output, and nowhere else."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sessions_app.insights.durations import ago, counted, for_how_long
from sessions_app.insights.step_row import Priority, Rule, StepRow

__all__ = [
    "SUBJECT_LIMIT",
    "Part",
    "Step",
    "ago",
    "as_sentence",
    "changes_in_words",
    "for_how_long",
    "reach_in_words",
    "since_parts",
    "word_step",
]

# Characters of a subject, or of a reason for parking, that a step shows: two lines on a phone.
SUBJECT_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Step:
    """A step as people and agents read it."""

    id: str
    text: str
    priority: Priority
    reason: str
    blocks_others: bool
    blocked_count: int


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence. `target` names the list that its number counts, or is ""."""

    text: str
    target: str = ""


def word_step(row: StepRow, now: datetime) -> Step:
    """The step in words: what to do, and why this. `now` is the server's time."""
    return Step(
        id=row.id,
        text=_text(row),
        priority=row.priority,
        reason=_REASONS[row.rule](row, now),
        blocks_others=row.blocks_others,
        blocked_count=row.blocked_count,
    )


def reach_in_words(frees: int, helps: int) -> str:
    """How far an answer reaches: `frees 4 items`, `frees 2 items and helps 1 more`, `helps 3 items`, or "".

    Helped is what something else holds up as well.
    """
    if not frees:
        return f"helps {counted(helps, 'item')}" if helps else ""
    more = f" and helps {helps} more" if helps else ""
    return f"frees {counted(frees, 'item')}{more}"


def changes_in_words(counts: Mapping[str, int]) -> str:
    """What changed, for a live region: `2 new decisions, 1 new question`; empty when nothing did.

    `counts` maps decided, reopened, contested, reviews, questions, answers, blockers, cleared, woken,
    parked, added, removed, messages and notes to how often; absent is zero. Never a relative time: it
    would be read out again each minute. Raises ValueError for any other key: a change without words would
    go by unannounced.
    """
    unknown = counts.keys() - _CHANGES.keys()
    if unknown:
        raise ValueError(f"no words for {', '.join(sorted(unknown))}")
    parts = (_change(key, counts.get(key, 0)) for key in _CHANGES)
    return ", ".join(part for part in parts if part)


def since_parts(
    since_label: str, decided: int, by_agents: int, reopened: int, questions: int
) -> tuple[Part, ...]:
    """`Since Tuesday: 3 decided, 2 of them by agents, 1 reopened; 2 questions wait for you.`

    In parts, so that each number can lead to what it counts: "decided", "by_agents", "reopened" or
    "questions"; their texts joined are the sentence. `since_label` names the moment ("Tuesday", "your
    last visit"). `by_agents` is how many of `decided` agents decided. `questions` are those open now,
    new or not.
    """
    news = []
    if decided:
        news.append(Part(f"{decided} decided", "decided"))
    if by_agents:
        news.append(Part(_by_agents(decided, by_agents), "by_agents"))
    if reopened:
        news.append(Part(f"{reopened} reopened", "reopened"))
    said = [Part(f"Since {since_label}: " if news else f"Nothing new since {since_label}")]
    for place, part in enumerate(news):
        said += [Part(", "), part] if place else [part]
    if questions:
        waits = counted(questions, "question waits", "questions wait")
        said += [Part("; "), Part(waits, "questions"), Part(" for you")]
    return (*said, Part("."))


def as_sentence(words: str) -> str:
    """The words with one full stop behind them, where they do not end in a mark of their own."""
    ended = words.rstrip(". ")
    return ended if ended.endswith(("!", "?", "…")) else f"{ended}."


def _text(row: StepRow) -> str:
    subject = _shortened(row.subject)
    match row.rule:
        case "answer_blocking" | "answer":
            return f"Answer: “{subject}”"
        case "do_yours":
            return f"{_shortened(row.detail) or 'This'} waits for you: {subject}"
        case "decide_waited_for" | "decide_idle":
            return f"Decide “{subject}”"
        case "supply_missing":
            return f"Find out: {subject}"
        case "clear_blocker":
            return f"Clear up: {subject}" if row.detail == "clarification" else f"Settle: {subject}"
        case "look_again":
            return f"Look again at “{subject}”"
        case "review":
            return f"Review “{subject}”"
        case "first_idea":
            return "Add the first idea"
        case "decide_next":
            return "Decide what is next"


def _shortened(text: str) -> str:
    """The text on one line, cut at the end of a word to at most SUBJECT_LIMIT characters."""
    line = " ".join("".join(char for char in text if char not in _BIDI_CONTROLS).split())
    if len(line) <= SUBJECT_LIMIT:
        return line
    # One character is for the …; a space right after the last one kept is a word's end too.
    cut = line.rfind(" ", 0, SUBJECT_LIMIT)
    if cut < SUBJECT_LIMIT // 2:
        cut = _character_start(line, SUBJECT_LIMIT - 1)
    return line[:cut].rstrip(" ,;:.–—-") + "…"


# Embeddings, overrides and isolates: one left open by a cut would turn round the words after it.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _character_start(line: str, cut: int) -> int:
    """The nearest place at or before `cut` that does not part an accent or a joiner from its letter."""
    while cut > 0 and unicodedata.category(line[cut]) in {"Mn", "Mc", "Me", "Cf"}:
        cut -= 1
    return cut


def _why_answer_blocking(row: StepRow, now: datetime) -> str:
    reach = reach_in_words(row.frees, row.blocked_count - row.frees)
    why = f"answering {reach}" if reach else f"{row.detail or 'an agent'} waits for it"
    return f"{_since_asked(row, now)}; {why}."


def _why_answer(row: StepRow, now: datetime) -> str:
    return f"{_since_asked(row, now)}."


def _why_waited_for(row: StepRow, now: datetime) -> str:
    return f"{_waiting_items(row, 'this')}; {_unchanged(row, now)}."


def _why_blocker(row: StepRow, now: datetime) -> str:
    reported = f"{'Raised' if row.rule == 'do_yours' else 'Reported'} {_ago(row, now)}"
    return f"{reported}; {_waiting_items(row, 'it')}." if row.blocked_count else f"{reported}."


def _why_idle(row: StepRow, now: datetime) -> str:
    return f"Not decided yet; {_unchanged(row, now)}."


def _why_look_again(row: StepRow, now: datetime) -> str:
    parked = f"Parked {_ago(row, now)}"
    why = _shortened(row.detail).rstrip(". ")
    return f"{as_sentence(f'{parked}: {why}' if why else parked)} Its wake-up has come."


def _why_review(row: StepRow, now: datetime) -> str:
    who = _shortened(row.detail)
    return f"{who} contested this {_ago(row, now)}." if who else "Its review date has come."


def _why_first_idea(row: StepRow, now: datetime) -> str:
    return "Nothing here yet."


def _why_decide_next(row: StepRow, now: datetime) -> str:
    return "Everything here is decided or parked."


_REASONS: dict[Rule, Callable[[StepRow, datetime], str]] = {
    "answer_blocking": _why_answer_blocking,
    "do_yours": _why_blocker,
    "decide_waited_for": _why_waited_for,
    "supply_missing": _why_blocker,
    "clear_blocker": _why_blocker,
    "answer": _why_answer,
    "decide_idle": _why_idle,
    "look_again": _why_look_again,
    "review": _why_review,
    "first_idea": _why_first_idea,
    "decide_next": _why_decide_next,
}


def _since_asked(row: StepRow, now: datetime) -> str:
    when = _ago(row, now)
    return "Asked just now" if when == "just now" else f"Waiting {when.removesuffix(' ago')}"


def _unchanged(row: StepRow, now: datetime) -> str:
    when = _ago(row, now)
    return "changed just now" if when == "just now" else f"unchanged for {when.removesuffix(' ago')}"


def _ago(row: StepRow, now: datetime) -> str:
    # Each rule worded with a time stores one; a row without one counts as new.
    return ago(row.since or now, now)


def _waiting_items(row: StepRow, for_what: str) -> str:
    return f"{counted(row.blocked_count, 'item waits', 'items wait')} for {for_what}"


# In the order they are read out: what matters most comes first.
_CHANGES: dict[str, tuple[str, str]] = {
    "decided": ("new decision", "new decisions"),
    "reopened": ("item reopened", "items reopened"),
    "contested": ("decision contested", "decisions contested"),
    "reviews": ("decision to review", "decisions to review"),
    "questions": ("new question", "new questions"),
    "answers": ("new answer", "new answers"),
    "blockers": ("new blocker", "new blockers"),
    "cleared": ("blocker cleared", "blockers cleared"),
    "woken": ("item woke up", "items woke up"),
    "parked": ("item parked", "items parked"),
    "added": ("new item", "new items"),
    "removed": ("item removed", "items removed"),
    "messages": ("new message", "new messages"),
    "notes": ("new note", "new notes"),
}


def _change(key: str, count: int) -> str:
    return counted(count, *_CHANGES[key]) if count > 0 else ""


def _by_agents(decided: int, by_agents: int) -> str:
    if by_agents < decided:
        return f"{by_agents} of them by {'an agent' if by_agents == 1 else 'agents'}"
    return "by an agent" if decided == 1 else "all by agents"
