"""What seems to be missing in a project: found by plain rules, and only ever asked, never stated."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sessions_app.insights.similarity import Words, contradict, words

# A decision is young enough to ask why, and old enough that nobody is about to say it.
REASON_AFTER = dt.timedelta(hours=1)
REASON_UNTIL = dt.timedelta(days=7)
IDLE_AFTER = dt.timedelta(days=14)
WAITED_AFTER = dt.timedelta(days=3)

# A project is asked little at a time, however much there is to ask.
MOST_NEW = 3
MOST_OPEN = 5
# A question nobody cares about goes by itself; its subject then rests for as long as after an answer.
OPEN_FOR = dt.timedelta(days=30)
REST = dt.timedelta(days=30)

REJECTED = ("rejected", "declined", "dropped", "no")


@dataclass(frozen=True, slots=True)
class ItemFact:
    """An item as far as gaps go."""

    id: UUID
    title: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """One question to ask. `subject` is what it is about, the same however the titles change."""

    kind: str
    subject: str
    question: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is looked at: each list with what matters most first."""

    exploring: Sequence[ItemFact] = ()
    decided: Sequence[ItemFact] = ()
    waited_for: Sequence[ItemFact] = ()
    unexplained: Sequence[ItemFact] = ()
    idle: Sequence[ItemFact] = ()


def find(facts: Facts) -> list[Gap]:
    """Everything that could be asked, most important first."""
    waited_for = {item.id for item in facts.waited_for}
    return [
        *_contradictions(facts.exploring, facts.decided),
        *map(_waited_for, facts.waited_for),
        *map(_unexplained, facts.unexplained),
        # Nothing moves on it, and others wait for it: one question is enough.
        *(_idle(item) for item in facts.idle if item.id not in waited_for),
    ]


def choose(found: Iterable[Gap], known: Container[str], open_now: int) -> list[Gap]:
    """What is asked of what was found: nothing that is `known` already, few at a time, few of a kind.

    `open_now`: how many questions of the gap finder are open already.
    """
    room = min(MOST_NEW, MOST_OPEN - open_now)
    chosen: dict[str, Gap] = {}
    kinds: Counter[str] = Counter()
    for gap in found:
        if len(chosen) >= room:
            break
        if gap.subject in known or gap.subject in chosen or kinds[gap.kind] >= _MOST_OF.get(gap.kind, 1):
            continue
        kinds[gap.kind] += 1
        chosen[gap.subject] = gap
    return list(chosen.values())


# Of what can be seen in the list anyway only one is asked at a time.
_MOST_OF = {"contradiction": 2, "waiting": 2, "reason": 1, "idle": 1}


def _contradictions(exploring: Sequence[ItemFact], decided: Sequence[ItemFact]) -> list[Gap]:
    """Pairs of an exploring and a decided item that seem to say the opposite of each other."""
    read = [(item, words(item.title)) for item in decided]
    # Two that contradict each other have a word in common: only those are compared.
    by_word: dict[str, list[tuple[ItemFact, Words]]] = {}
    for item, its_words in read:
        for word in its_words.set:
            by_word.setdefault(word, []).append((item, its_words))
    found = []
    for item in exploring:
        its_words = words(item.title)
        near = {
            other.id: (other, theirs) for word in its_words.set for other, theirs in by_word.get(word, ())
        }
        found += [
            _contradiction(item, other)
            for other, theirs in sorted(near.values(), key=lambda pair: str(pair[0].id))
            if contradict(its_words, theirs, other_was_rejected=_was_rejected(other))
        ]
    return found


def _was_rejected(item: ItemFact) -> bool:
    return item.outcome.casefold() in REJECTED


def _contradiction(item: ItemFact, decided: ItemFact) -> Gap:
    how = "rejected" if _was_rejected(decided) else "decided"
    return Gap(
        kind="contradiction",
        subject=f"contradiction:{item.id}:{decided.id}",
        question=f"“{item.title}” is being explored, but “{decided.title}” was {how}. Can both stand?",
        options=("Yes, both can stand", "No, the decision stands", "No, we decide again"),
    )


def _waited_for(item: ItemFact) -> Gap:
    return Gap(
        kind="waiting",
        subject=f"waiting:{item.id}",
        question=f"Other items wait for “{item.title}”. What keeps it from being decided?",
    )


def _unexplained(item: ItemFact) -> Gap:
    return Gap(
        kind="reason",
        subject=f"reason:{item.id}",
        question=f"“{item.title}” was decided without a reason. What was it?",
    )


def _idle(item: ItemFact) -> Gap:
    return Gap(
        kind="idle",
        subject=f"idle:{item.id}",
        question=f"Nothing has moved on “{item.title}” for two weeks or more. Is it still to be explored?",
        options=("Yes, keep it", "Park it", "Nobody needs it any more"),
    )
