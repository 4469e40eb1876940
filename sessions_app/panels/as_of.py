"""The panel as it was at a moment of a past session, rebuilt from the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sessions_app.db import queries
from sessions_app.insights.durations import for_how_long
from sessions_app.models import HandOff, Item, Membership, Session
from sessions_app.models.items import State
from sessions_app.panels import changes
from sessions_app.panels.items import parse_cursor
from sessions_app.panels.viewing import Split, Viewing

# Open questions, and open blockers, that are named; more are counted.
MOST_OPEN = 50
ITEMS_A_PAGE = 10


@dataclass(frozen=True)
class ItemThen:
    id: UUID
    title: str
    state: str
    reason: str
    outcome: str
    version: int


@dataclass(frozen=True)
class OpenThen:
    """A question or a blocker (then with its type) that was open."""

    id: UUID
    text: str
    type: str
    who: str
    is_agent: bool
    since: dt.datetime


@dataclass(frozen=True)
class Then:
    """What the panel told at `version`, and a page of the items that there were."""

    version: int
    at: dt.datetime
    # How long its person had been away when the session began; "" when it was their first.
    away: str
    exploring: int
    decided_now: int
    parked: int
    # Decided since last, as the panel told it to this person, in its three parts.
    decided: int
    split: Split
    questions: int
    blockers: int
    open_questions: tuple[OpenThen, ...]
    open_blockers: tuple[OpenThen, ...]
    items: tuple[ItemThen, ...]
    # Where the next page of items begins, or "".
    next: str

    @property
    def is_first(self) -> bool:
        return not self.away


def find_session(session_id: UUID, membership: Membership) -> Session | None:
    """The session, if this member may see it: owners all of the project's, others their own."""
    found = Session.objects.filter(project_id=membership.project_id, id=session_id).select_related("user")
    if not membership.is_owner:
        found = found.filter(user_id=membership.user_id)
    return found.first()


def read(session: Session, *, at_start: bool, state: str = "", after: str = "", most: int) -> Then:
    """The panel at the start or the end of a session; one that goes on ends at its last activity.

    `state` and `after` (a `next` of before) choose the page of items. Raises ValueError for no cursor.
    """
    after_version, after_id = parse_cursor(after) if after else (None, None)
    before = _session_before(session)
    version = session.start_version if at_start else session.end_version
    rows = queries.rows(
        "project_as_of",
        {
            "project": session.project_id,
            "version": version,
            "base": before.start_version if before else None,
            "last_end": before.end_version if before else None,
            "current": session.start_version,
            "state": state or None,
            "after_version": after_version,
            "after_id": after_id,
            "most": most + 1,
        },
    )
    counts, found = rows[0], [_item(row) for row in rows if row["id"] is not None]
    last, this = counts["decided_last"], counts["decided_this"]
    ended = session.session_end or session.last_activity
    return Then(
        version=version,
        at=session.session_start if at_start else ended,
        away=_away(before, session),
        exploring=counts["exploring"],
        decided_now=counts["decided"],
        parked=counts["parked"],
        decided=counts["decided_since"],
        split=Split(last, counts["decided_since"] - last - this, this),
        items=tuple(found[:most]),
        next=f"{found[most - 1].version}:{found[most - 1].id}" if len(found) > most else "",
        **_open(session.project_id, version),
    )


def context(view: Viewing, session: Session, *, at_start: bool, state: str, after: str) -> dict[str, Any]:
    """`then`, the `tabs` of its items, what `changes` the session saw, and its `note`. Raises ValueError."""
    then = read(session, at_start=at_start, state=state, after=after, most=ITEMS_A_PAGE)
    totals = {State.EXPLORING: then.exploring, State.DECIDED: then.decided_now, State.PARKED: then.parked}
    left = HandOff.objects.filter(project_id=session.project_id, session=session)
    return {
        "session": session,
        "is_mine": session.user_id == view.me.id,
        "at": "start" if at_start else "end",
        "then": then,
        "state": state,
        "tabs": [(each, totals[each]) for each in State],
        "still_there": _still_there(then),
        "note": left.values_list("text", flat=True).first() or "",
        "changes": changes.between(view, session.start_version, session.end_version),
    }


def _still_there(then: Then) -> set[UUID]:
    """Which of its items have a page of their own now: those nobody deleted since."""
    return set(Item.objects.filter(id__in=[item.id for item in then.items]).values_list("id", flat=True))


def _session_before(session: Session) -> Session | None:
    """The session that was this person's last one when this began."""
    mine = Session.objects.of(session.user_id, session.project_id)
    return (
        mine.filter(session_start__lt=session.session_start)
        .order_by("-session_end", "-session_start")
        .first()
    )


def _away(before: Session | None, session: Session) -> str:
    return for_how_long(before.session_end, session.session_start) if before and before.session_end else ""


def _item(row: Mapping[str, Any]) -> ItemThen:
    return ItemThen(
        row["id"], row["title"], State(row["state"]), row["reason"], row["outcome"], row["version"]
    )


def _open(project_id: UUID, version: int) -> dict[str, Any]:
    rows = queries.rows("open_as_of", {"project": project_id, "version": version, "most": MOST_OPEN})
    found: dict[str, Any] = {}
    for noun, plural in (("question", "questions"), ("blocker", "blockers")):
        standing = [row for row in rows if row["noun"] == noun]
        found[plural] = standing[0]["total"] if standing else 0
        found[f"open_{plural}"] = tuple(
            OpenThen(row["id"], row["text"], row["type"], row["who"], row["is_agent"], row["since"])
            for row in standing
        )
    return found
