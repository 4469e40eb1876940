"""The ledger's kinds in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sessions_app.insights.durations import counted

# What a reader sees after the actor's name: "Bob *decided* …".
VERBS: dict[str, str] = {
    "project.created": "created",
    "project.renamed": "renamed the project to",
    "project.archived": "archived",
    "project.restored": "restored",
    "project.idle_set": "set when items that stand still are parked:",
    "member.joined": "joined:",
    "member.role_changed": "changed the role of",
    "member.left": "left:",
    "member.removed": "removed",
    "item.added": "added",
    "item.edited": "edited",
    "item.decided": "decided",
    "item.parked": "parked",
    "item.explored": "reopened",
    "item.woke": "woke",
    "item.contested": "contested",
    "item.confirmed": "confirmed",
    "item.review_due": "asks for a review of",
    "item.stands_still": "noticed that nothing moves:",
    "item.kept": "kept open",
    "item.deleted": "deleted",
    "item.waits": "made wait:",
    "item.waits_no_more": "no longer waits:",
    "message.posted": "said something",
    "message.edited": "edited a message",
    "message.deleted": "deleted a message",
    "question.asked": "asked",
    "question.answered": "answered",
    "question.dismissed": "dismissed the question",
    "question.expired": "expired:",
    "blocker.raised": "raised",
    "blocker.changed": "changed",
    "blocker.cleared": "cleared",
    "blocker.dismissed": "dismissed the blocker",
    "hand_off.left": "left a note:",
}

# The same in the history of one item, where it goes without saying which.
ITEM_VERBS = VERBS | {
    "item.woke": "woke it up",
    "item.contested": "contested it",
    "item.confirmed": "confirmed it",
    "item.review_due": "asks to look at it again",
    "item.stands_still": "noticed that nothing moves",
    "item.kept": "kept it open",
    "item.waits": "let it wait",
    "item.waits_no_more": "let it wait no more",
    "blocker.raised": "noticed that other items wait for it",
    "blocker.changed": "noticed who waits for it",
    "blocker.cleared": "noticed that nothing waits for it any more",
}

# What the list of changes shows. Talk has its own marker in the chat, and who waits for whom is told
# by the blockers.
SHOWN_KINDS = tuple(
    kind
    for kind in VERBS
    if not kind.startswith("message.") and kind not in ("blocker.changed", "item.waits", "item.waits_no_more")
)


@dataclass(frozen=True)
class Word:
    """What a filter of changes is called by, which kinds it holds, and how many of them are told."""

    kinds: tuple[str, ...]
    did: str
    one: str
    many: str


# By the word in an address: `?kind=decided`. Each kind that is shown belongs to one.
WORDS: dict[str, Word] = {
    "decided": Word(("item.decided",), "decided", "decision", "decisions"),
    "reopened": Word(("item.explored",), "reopened", "item reopened", "items reopened"),
    "parked": Word(("item.parked",), "parked", "item parked", "items parked"),
    "woke": Word(("item.woke",), "woke", "item woke", "items woke"),
    "contested": Word(("item.contested",), "contested", "decision contested", "decisions contested"),
    "confirmed": Word(("item.confirmed",), "confirmed", "decision confirmed", "decisions confirmed"),
    "added": Word(("item.added",), "added", "new item", "new items"),
    "edited": Word(("item.edited",), "edited", "edit", "edits"),
    "removed": Word(("item.deleted",), "removed", "item removed", "items removed"),
    "questions": Word(("question.asked",), "asked", "question", "questions"),
    "answers": Word(("question.answered",), "answered", "answer", "answers"),
    "raised": Word(("blocker.raised",), "raised", "blocker", "blockers"),
    "cleared": Word(("blocker.cleared",), "cleared", "blocker cleared", "blockers cleared"),
    "dismissed": Word(
        ("question.dismissed", "question.expired", "blocker.dismissed"),
        "dismissed",
        "dismissal",
        "dismissals",
    ),
    "reviews": Word(("item.review_due",), "due for review", "review due", "reviews due"),
    "still": Word(
        ("item.stands_still", "item.kept"), "standing still", "item stands still", "items stand still"
    ),
    "hand_offs": Word(("hand_off.left",), "handed off", "hand-off", "hand-offs"),
    "project": Word(
        tuple(kind for kind in VERBS if kind.startswith(("project.", "member."))),
        "about the project",
        "change of the project",
        "changes of the project",
    ),
}
_WORD_OF = {kind: name for name, word in WORDS.items() for kind in word.kinds}
# What agents leave behind when they have looked at something.
_NOTES = {"questions", "raised"}


def by_word(kinds: Mapping[str, int]) -> dict[str, int]:
    """How often each word happened, out of how often each kind did; in the order of WORDS."""
    found = dict.fromkeys(WORDS, 0)
    for kind, number in kinds.items():
        found[_WORD_OF[kind]] += number
    return {name: number for name, number in found.items() if number}


def run_in_words(counts: Mapping[str, int], *, is_agent: bool) -> str:
    """A run of one actor: "14 notes", "3 decisions", or "5 changes" where they are of several kinds."""
    total = sum(counts.values())
    if len(counts) == 1:
        word = WORDS[next(iter(counts))]
        return counted(total, word.one, word.many)
    if is_agent and counts.keys() <= _NOTES:
        return counted(total, "note", "notes")
    return counted(total, "change", "changes")
