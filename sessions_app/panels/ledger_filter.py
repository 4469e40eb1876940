"""Which part of the ledger is told: what a page of changes takes behind its "?"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from sessions_app.panels.ledger_words import SHOWN_KINDS, WORDS

SPANS = ("new", "since", "last", "away", "now")
# By the word in an address: what the ledger calls such an actor.
ACTORS = {"people": "user", "agents": "agent"}

_PLACE = re.compile(r"(\d{1,18}):(\d{1,18})", re.ASCII)

Place = tuple[int, int]


class BadFilter(ValueError):
    """A part of the filter is none: `field` names it, `rule` says what it must be."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field, self.rule = field, rule


@dataclass(frozen=True)
class Filter:
    """A span, one kind of change, whose; or one run: from a place in the ledger to another.

    A run is told whatever span it is in: its link stays good.
    """

    span: str = "new"
    kind: str = ""
    by: str = ""
    run: tuple[Place, Place] | None = None

    @property
    def is_list(self) -> bool:
        """Whether each line is told by itself; else runs are folded."""
        return bool(self.kind or self.run)

    @property
    def kinds(self) -> list[str]:
        """The ledger's kinds that it holds."""
        return list(WORDS[self.kind].kinds if self.kind else SHOWN_KINDS)

    @property
    def actor_kind(self) -> str:
        return ACTORS.get(self.by, "")

    def query(self, **other: object) -> str:
        """The part of an address behind the path, with `other` values in it."""
        which = replace(self, **other)  # type: ignore[arg-type]
        run = "-".join(place_in_words(place) for place in which.run) if which.run else ""
        values = {"span": "" if run else which.span, "kind": which.kind, "by": which.by, "run": run}
        said = {name: value for name, value in values.items() if value and (name, value) != ("span", "new")}
        return f"?{urlencode(said, safe=':-')}" if said else "?"


def parse_filter(given: Mapping[str, str]) -> Filter:
    """Read what an address says. Raises BadFilter."""
    span, kind, by = (given.get(name, "") for name in ("span", "kind", "by"))
    for name, value, known in (("span", span, SPANS), ("kind", kind, WORDS), ("by", by, ACTORS)):
        if value and value not in known:
            raise BadFilter(name, f"must be one of {', '.join(known)}.")
    return Filter(span or "new", kind, by, _parse_run(given.get("run", "")))


def place_in_words(place: Place) -> str:
    return f"{place[0]}:{place[1]}"


def parse_before(text: str) -> Place | None:
    """Read the cursor of a next page; "" is none. Raises BadFilter."""
    if not text:
        return None
    place = _parse_place(text)
    if place is None:
        raise BadFilter("before", "must be what the page before said is next.")
    return place


def _parse_run(text: str) -> tuple[Place, Place] | None:
    if not text:
        return None
    low, _, high = text.partition("-")
    first, last = _parse_place(low), _parse_place(high)
    if first is None or last is None:
        raise BadFilter("run", "must be a run that a page of changes links to.")
    return first, last


def _parse_place(text: str) -> Place | None:
    found = _PLACE.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None
