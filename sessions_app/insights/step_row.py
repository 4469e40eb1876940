"""A suggested step as it is stored: facts and times, no sentence, so it never goes stale in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal, Self, TypeVar, cast, get_args

Priority = Literal["high", "medium", "low"]

# In rank order (docs: rules of next steps).
Rule = Literal[
    "answer_blocking",
    "do_yours",
    "decide_waited_for",
    "supply_missing",
    "clear_blocker",
    "answer",
    "decide_idle",
    "look_again",
    "review",
    "first_idea",
    "decide_next",
]

PRIORITIES: tuple[Priority, ...] = get_args(Priority)
RULES: tuple[Rule, ...] = get_args(Rule)


@dataclass(frozen=True, slots=True)
class StepRow:
    """One suggested step.

    `subject` is the question's or blocker's text or the item's title, uncut; `since` the moment its
    reason counts from, in UTC; `detail` the one further fact its rule words (who asked, what type of
    blocker, why parked, who contests, who waits); `blocked_count` how many items it holds up, of which
    doing it `frees` so many (questions only).
    """

    id: str
    rule: Rule
    subject: str
    priority: Priority
    blocks_others: bool
    blocked_count: int
    since: datetime | None
    detail: str
    subject_version: int
    frees: int = 0

    def as_json(self) -> dict[str, object]:
        """The row as plain JSON values; `since` as ISO 8601 in UTC.

        Raises ValueError when `since` has no time zone: it would be read as another moment later.
        """
        if self.since is not None and self.since.tzinfo is None:
            raise ValueError("since must carry a time zone")
        since = None if self.since is None else self.since.astimezone(UTC).isoformat()
        return asdict(self) | {"since": since}

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """The row that `as_json` wrote. Keys it does not know are left out.

        A release may meet rows of the next one while both run, so: raises ValueError, naming the
        key, for a value it cannot word; the caller leaves such a row out.
        """
        return cls(
            id=_value(data, "id", str),
            rule=cast(Rule, _one_of(data, "rule", RULES)),
            subject=_value(data, "subject", str),
            priority=cast(Priority, _one_of(data, "priority", PRIORITIES)),
            blocks_others=_value(data, "blocks_others", bool),
            blocked_count=_value(data, "blocked_count", int),
            since=_moment(data, "since"),
            detail=_value(data, "detail", str),
            subject_version=_value(data, "subject_version", int),
            # The release before stored none.
            frees=_value(data, "frees", int) if "frees" in data else 0,
        )


T = TypeVar("T", str, int, bool)


def _value(data: Mapping[str, object], key: str, kind: type[T]) -> T:
    value = data.get(key)
    # By exact type: a bool is an int to isinstance().
    if type(value) is not kind:
        raise ValueError(f"{key} must be {kind.__name__}")
    return value


def _one_of(data: Mapping[str, object], key: str, allowed: tuple[str, ...]) -> str:
    value = _value(data, key, str)
    if value not in allowed:
        raise ValueError(f"{key} is not known: {value!r}")
    return value


def _moment(data: Mapping[str, object], key: str) -> datetime | None:
    if data.get(key) is None:
        return None
    moment = datetime.fromisoformat(_value(data, key, str))
    if moment.tzinfo is None:
        raise ValueError(f"{key} must carry a time zone")
    return moment.astimezone(UTC)
