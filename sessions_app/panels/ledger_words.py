"""The ledger's kinds in words."""

from __future__ import annotations

# What a reader sees after the actor's name: "Bob *decided* …".
VERBS: dict[str, str] = {
    "project.created": "created",
    "project.renamed": "renamed the project to",
    "project.archived": "archived",
    "project.restored": "restored",
    "project.idle_set": "set items that stand still to be parked",
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
    "item.kept": "keeps exploring",
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
