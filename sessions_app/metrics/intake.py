"""What is sent to the intake: each piece is counted once, and is either accepted or rejected.

A batch is as many pieces as it has entries; one that cannot be read is one piece.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sessions_app.metrics.instruments import ACTIVITY_ACCEPTED, ACTIVITY_REJECTED, ACTIVITY_SENT, counter
from sessions_app.metrics.observed import Observed, current


class Door(StrEnum):
    """Where it is sent to."""

    PAGE = "page"
    TRACK = "track-activity"
    AGENT = "agent-activity"
    BATCH = "agent-activity-batch"
    MCP = "mcp"


# The routes' names of those that Django serves; a POST there is something sent. (Reading the feed and
# adding to it are one route, which has the name of the first.)
DOORS = {
    "activity": Door.PAGE,
    "api_track_activity": Door.TRACK,
    "api_activity_list": Door.AGENT,
    "api_activity_batch": Door.BATCH,
}

# Why something is refused, and how its owner is told: "2 too large".
REASONS = {
    "too-large": "too large",
    "unknown-field": "unknown field",
    "missing-field": "missing field",
    "bad-value": "with a bad value",
    "unreadable": "not readable",
    "wrong-type": "not sent as JSON",
    "conflict": "with an id used before for something else",
    "rate-limit": "too many at once",
    "no-right": "without the right to",
    "archived": "while archived",
    "not-there": "to no such project",
    "not-signed-in": "not signed in",
    "in-the-clear": "sent in the clear",
    "unavailable": "while the server was away",
    "fault": "by our mistake",
}

# What a status means where nothing finer was noted.
_BY_STATUS = {
    # To https, and to the sign-in.
    301: "in-the-clear",
    302: "not-signed-in",
    400: "unreadable",
    401: "not-signed-in",
    403: "no-right",
    404: "not-there",
    405: "no-right",
    406: "wrong-type",
    408: "unreadable",
    409: "conflict",
    413: "too-large",
    415: "wrong-type",
    422: "bad-value",
    429: "rate-limit",
    431: "too-large",
    503: "unavailable",
}
# pydantic's kinds of error that say more than that a value does not fit.
_BY_KIND = {
    "extra_forbidden": "unknown-field",
    "missing": "missing-field",
    "string_too_long": "too-large",
    "too_long": "too-large",
}


@dataclass(frozen=True)
class Refusal:
    """Something refused, where it is known to which project it was sent and by whom."""

    project_id: UUID
    # None: by an agent's token of that very project. A person's access is looked up before it is told.
    user_id: UUID | None
    door: Door
    reason: str
    times: int


Listener = Callable[[Refusal], None]
_listeners: list[Listener] = []


def on_refusal(listener: Listener) -> None:
    """Have every refusal told that an owner may hear of."""
    _listeners.append(listener)


def note_sender(*, user_id: UUID | None, project_id: UUID | None, is_agent: bool) -> None:
    """Note who sends, and to which project, as far as that is known by now."""
    if observed := current():
        observed.user_id, observed.is_agent = user_id, is_agent
        observed.project_id = project_id or observed.project_id


def note_project(project_id: UUID | None) -> None:
    """Note to which project a person sends; an agent's is known by its token."""
    observed = current()
    if observed and project_id and not observed.is_agent:
        observed.project_id = project_id


def note_entries(entries: int) -> None:
    """Note of how many pieces a batch is."""
    if observed := current():
        observed.entries = max(entries, 1)


def note_report(is_report: bool) -> None:
    """Note whether an MCP call is one that brings a report, or may be: nobody has read it yet."""
    if observed := current():
        observed.is_report = is_report


def note_taken() -> None:
    """Note that it was taken in, where the answer's status does not tell."""
    if observed := current():
        observed.is_taken = True


def note_again(times: int) -> None:
    """Note how many of the pieces were taken in before."""
    if observed := current():
        observed.again = times


def note_refused(reason: str) -> None:
    """Note why, more finely than the status tells."""
    if observed := current():
        observed.refused = reason


def reason_of_kind(kind: str) -> str:
    """What one of pydantic's kinds of error means."""
    return _BY_KIND.get(kind, "bad-value")


def reason_of_status(status: int) -> str:
    """What a status means where nothing finer is known."""
    return _BY_STATUS.get(status, "fault")


def count_answer(door: Door, observed: Observed, status: int, *, replayed: bool = False) -> None:
    """Count what a request brought, now that it is answered; `replayed`: told again, not done again."""
    entries = (observed.entries or 1) if door is Door.BATCH else 1
    if 200 <= status < 300:
        again = entries if replayed else min(observed.again, entries)
        count_accepted(door, new=entries - again, again=again)
    else:
        count_rejected(door, observed, observed.refused or reason_of_status(status), entries)


def count_report(observed: Observed, status: int) -> None:
    """Count what an MCP call brought, if it is one that brings a report."""
    if not observed.is_report:
        return
    if observed.is_taken:
        count_accepted(Door.MCP, new=1 - observed.again, again=observed.again)
    else:
        # The SDK answers 200 also to arguments that are none.
        reason = observed.refused or (reason_of_status(status) if status >= 400 else "bad-value")
        count_rejected(Door.MCP, observed, reason)


def count_accepted(door: Door, *, new: int, again: int) -> None:
    """Count pieces that were taken in."""
    counter(ACTIVITY_SENT, door).inc(new + again)
    if new:
        counter(ACTIVITY_ACCEPTED, door, "new").inc(new)
    if again:
        counter(ACTIVITY_ACCEPTED, door, "again").inc(again)


def count_rejected(door: Door, observed: Observed, reason: str, times: int = 1) -> None:
    """Count pieces that were refused, and tell of them where an owner may hear of it."""
    counter(ACTIVITY_SENT, door).inc(times)
    counter(ACTIVITY_REJECTED, door, reason).inc(times)
    if observed.project_id and (observed.is_agent or observed.user_id):
        refusal = Refusal(
            observed.project_id, None if observed.is_agent else observed.user_id, door, reason, times
        )
        for listener in _listeners:
            listener(refusal)
