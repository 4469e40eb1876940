"""What a visit was like: what happened in the project while it lasted, and what its person did."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from sessions_app import clock
from sessions_app.insights import durations
from sessions_app.models import Activity, HandOff, Session, TrackedActivity
from sessions_app.panels.ledger_lines import line, who

# Rows of a visit that a page tells at most, of the ledger and of tracked input each.
MOST_ROWS = 200


@dataclass(frozen=True)
class Moment:
    """A line of the time line; `kind` is "start", "act", "input", "note" or "end"."""

    at: dt.datetime
    kind: str
    text: str


@dataclass(frozen=True)
class Told:
    """What happened, oldest first; `is_cut`: there is more than these."""

    rows: list[Moment]
    is_cut: bool


def sentence(row: Activity) -> str:
    """A ledger row in words: "Ann decided Lamp (exploring → decided): it is the cheaper one"."""
    told = line(row)
    words = f"{who(row)} {told.verb} {told.subject}".rstrip()
    if told.before and told.after and told.before != told.after:
        words += f" ({told.before} → {told.after})"
    return f"{words}: {told.reason}" if told.reason else words


def what_happened(session: Session) -> Told:
    """What changed the project while the session lasted, by whomever."""
    rows = list(_ledger_of(session)[: MOST_ROWS + 1])
    return Told(
        [Moment(row.created_at, "act", sentence(row)) for row in rows[:MOST_ROWS]], len(rows) > MOST_ROWS
    )


def time_line(session: Session) -> Told:
    """Start, tracked input in runs, the person's own acts, their note, and the end."""
    acts = list(_ledger_of(session).filter(actor_id=session.user_id)[: MOST_ROWS + 1])
    inputs = list(
        TrackedActivity.objects.filter(
            project_id=session.project_id,
            user_id=session.user_id,
            received_at__range=(session.session_start, session.session_end or clock.now()),
        ).order_by("received_at", "id")[: MOST_ROWS + 1]
    )
    notes = HandOff.objects.filter(project_id=session.project_id, session=session)
    moments = sorted(
        [
            *(Moment(row.created_at, "act", sentence(row)) for row in acts[:MOST_ROWS]),
            *(Moment(row.received_at, "input", row.kind) for row in inputs[:MOST_ROWS]),
            *(Moment(note.created_at, "note", "left a note") for note in notes),
        ],
        key=lambda moment: moment.at,
    )
    is_cut = max(len(acts), len(inputs)) > MOST_ROWS
    return Told([_start(session), *_in_runs(moments), _end(session)], is_cut)


def length(session: Session) -> str:
    """How long it lasted, or has lasted so far."""
    return durations.span((session.session_end or clock.now()) - session.session_start)


def _ledger_of(session: Session) -> QuerySet[Activity]:
    return (
        Activity.objects.filter(
            project_id=session.project_id,
            version__gt=session.start_version,
            version__lte=session.end_version,
        )
        .order_by("version", "id")
        .prefetch_related("actor")
    )


def _start(session: Session) -> Moment:
    return Moment(session.session_start, "start", "The session starts")


def _end(session: Session) -> Moment:
    if session.session_end is None:
        return Moment(session.last_activity, "end", "Last activity so far; the session is active")
    return Moment(session.session_end, "end", "The session ends")


def _in_runs(moments: list[Moment]) -> Iterator[Moment]:
    """Input between two other moments is one line: how often, and until when."""
    for kind, run in itertools.groupby(moments, key=lambda moment: moment.kind):
        found = list(run)
        if kind != "input":
            yield from found
            continue
        kinds = ", ".join(sorted({moment.text for moment in found}))
        times = (
            "once"
            if len(found) == 1
            else f"{len(found)} times in {durations.span(found[-1].at - found[0].at)}"
        )
        yield Moment(found[0].at, "input", f"Input, {times} ({kinds})")
