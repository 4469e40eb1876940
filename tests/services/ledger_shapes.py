"""What each kind of ledger row holds, as docs/ledger.md tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sessions_app.ledger import Kind
from sessions_app.models import Activity
from sessions_app.models.blockers import BlockerSource, BlockerType
from sessions_app.models.items import State
from sessions_app.models.projects import Role

Check = Callable[[Any], bool]


def text(value: Any) -> bool:
    return isinstance(value, str)


def words(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def an_id(value: Any) -> bool:
    return isinstance(value, str) and str(UUID(value)) == value


def ids(value: Any) -> bool:
    return isinstance(value, list) and all(map(an_id, value)) and value == sorted(set(value))


def moment(value: Any) -> bool:
    return value is None or datetime.fromisoformat(value).tzinfo is not None


def a_count(value: Any) -> bool:
    return isinstance(value, int) and value > 0


def of_a_source(value: Any) -> bool:
    return value is None or (words(value["key"]) and isinstance(value["seen"], dict))


def one_of(*known: str) -> Check:
    return lambda value: value in known


def obj(**fields: Check) -> Check:
    return lambda value: value.keys() == fields.keys() and all(fields[k](value[k]) for k in fields)


@dataclass(frozen=True)
class Shape:
    """The keys of `data`, those that may be missing, and the ids that are set beside it."""

    data: dict[str, Check]
    maybe: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()


STATE = one_of(*State.values)
ROLE = one_of(*Role.values)
MEMBER = obj(id=an_id, name=words)
NAMED = obj(id=an_id, title=words)
ITEM, MESSAGE, QUESTION, BLOCKER = (
    frozenset({name}) for name in ("item_id", "message_id", "question_id", "blocker_id")
)


def some(check: Check) -> Check:
    """A list of at least one of these."""
    return lambda value: isinstance(value, list) and value != [] and all(map(check, value))


MOVED = Shape(
    {
        "title": words,
        "before": STATE,
        "after": STATE,
        "reason": text,
        "outcome": text,
        "wake_at": moment,
    },
    ids=ITEM,
)
DECIDED = Shape(
    MOVED.data | {"alternatives": some(words), "supersedes": some(NAMED), "review_at": moment},
    maybe=frozenset({"alternatives", "supersedes", "review_at"}),
    ids=ITEM,
)
PARKED = Shape(
    MOVED.data | {"wake_item": NAMED, "wake_sessions": a_count, "superseded_by": NAMED},
    maybe=frozenset({"wake_item", "wake_sessions", "superseded_by"}),
    ids=ITEM,
)
WAITS = Shape({"title": words, "blocking": NAMED}, ids=ITEM)
ENDED = Shape({"text": words, "how": words}, ids=BLOCKER)

SHAPES: dict[Kind, Shape] = {
    Kind.PROJECT_CREATED: Shape({"title": words}),
    Kind.PROJECT_RENAMED: Shape({"before": words, "after": words}),
    Kind.PROJECT_ARCHIVED: Shape({"title": words}),
    Kind.PROJECT_RESTORED: Shape({"title": words}),
    Kind.PROJECT_IDLE_SET: Shape({"before": words, "after": words}),
    Kind.MEMBER_JOINED: Shape({"member": MEMBER}),
    Kind.MEMBER_ROLE_CHANGED: Shape({"member": MEMBER, "before": ROLE, "after": ROLE}),
    Kind.MEMBER_LEFT: Shape({"member": MEMBER}),
    Kind.MEMBER_REMOVED: Shape({"member": MEMBER}),
    Kind.ITEM_ADDED: Shape({"title": words, "text": text, "after": one_of("exploring")}, ids=ITEM),
    Kind.ITEM_EDITED: Shape(
        {
            "title": words,
            "text": text,
            "before": obj(title=words, text=text),
            "reason": text,
            "outcome": text,
        },
        maybe=frozenset({"reason", "outcome"}),
        ids=ITEM,
    ),
    Kind.ITEM_DECIDED: DECIDED,
    Kind.ITEM_PARKED: PARKED,
    Kind.ITEM_EXPLORED: MOVED,
    Kind.ITEM_WOKE: Shape(
        {"title": words, "reason": text, "how": words, "after": one_of("parked")}, ids=ITEM
    ),
    Kind.ITEM_REVIEW_DUE: Shape({"title": words}, ids=ITEM),
    Kind.ITEM_STANDS_STILL: Shape({"title": words, "parks_at": moment}, ids=ITEM),
    Kind.ITEM_KEPT: Shape({"title": words}, ids=ITEM),
    Kind.ITEM_CONTESTED: Shape({"title": words, "reason": words}, ids=ITEM),
    Kind.ITEM_CONFIRMED: Shape({"title": words, "reason": text}, ids=ITEM),
    Kind.ITEM_DELETED: Shape(
        {"title": words, "text": text, "before": STATE, "imported": of_a_source}, ids=ITEM
    ),
    Kind.ITEM_WAITS: WAITS,
    Kind.ITEM_WAITS_NO_MORE: WAITS,
    Kind.MESSAGE_POSTED: Shape({}, ids=MESSAGE),
    Kind.MESSAGE_EDITED: Shape({}, ids=MESSAGE),
    Kind.MESSAGE_DELETED: Shape({}, ids=MESSAGE),
    Kind.QUESTION_ASKED: Shape({"text": words, "items": ids}, ids=QUESTION),
    Kind.QUESTION_ANSWERED: Shape({"text": words}, ids=QUESTION | MESSAGE),
    Kind.QUESTION_DISMISSED: Shape({"text": words, "how": words}, maybe=frozenset({"how"}), ids=QUESTION),
    Kind.QUESTION_EXPIRED: Shape({"text": words, "how": words}, ids=QUESTION),
    Kind.BLOCKER_RAISED: Shape(
        {
            "text": words,
            "type": one_of(*BlockerType.values),
            "source": one_of(*BlockerSource.values),
            "items": ids,
            "waits_for": an_id,
            "waits_on_item": an_id,
            "waits_until": moment,
        },
        # What a person said that it waits for: one of them at most.
        maybe=frozenset({"waits_for", "waits_on_item", "waits_until"}),
        ids=BLOCKER,
    ),
    Kind.BLOCKER_CHANGED: Shape({"text": words, "items": ids}, ids=BLOCKER),
    Kind.BLOCKER_CLEARED: ENDED,
    Kind.BLOCKER_DISMISSED: ENDED,
    Kind.HAND_OFF_LEFT: Shape({"text": words}),
}


def check(row: Activity) -> None:
    """The row is of a kind that is known, and holds what its kind holds; no key more, none less."""
    shape = SHAPES[Kind(row.kind)]
    missing = shape.data.keys() - row.data.keys() - shape.maybe
    more = row.data.keys() - shape.data.keys()
    assert (missing, more) == (set(), set()), (row.kind, row.data)
    wrong = [key for key, value in row.data.items() if not shape.data[key](value)]
    assert not wrong, (row.kind, wrong, row.data)
    assert all(getattr(row, name) for name in shape.ids), (row.kind, shape.ids)
    actor = (row.actor_kind, row.actor_id is not None, row.actor_agent != "")
    assert actor in {("user", True, False), ("agent", False, True), ("system", False, False)}, row.kind
