"""Sessions: start, resume, touch, end, and the sweep of the idle ones."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from sessions_app import clock
from sessions_app.db.commits import after_commit
from sessions_app.metrics.instruments import SESSIONS
from sessions_app.models import ProjectCounter, Session
from sessions_app.services.errors import NotFound
from sessions_app.services.personal import locked_membership, note_changed
from sessions_app.services.tracking import fold_tracked

# Rows of waiting input that are folded at once.
FOLD_ROWS = 5_000


def start_session(
    user_id: UUID, project_id: UUID, *, resume: bool = False, metadata: dict[str, Any] | None = None
) -> tuple[Session, bool]:
    """Start a session of this person in this project, ending any that is active.

    With `resume`, an active one whose last activity is under SESSION_IDLE_MINUTES old is returned as
    it is (and counts as active now): a reload or a second tab is not a new session. Returns the
    session and whether it was resumed. Raises NotFound when the person is not a member.
    """
    now = clock.now()
    if resume and (session := _resume(user_id, project_id, now)) is not None:
        return session, True
    # savepoint=False: a refusal in here undoes the caller's transaction too, as it should.
    with transaction.atomic(savepoint=False):
        # Without the lock most of many concurrent starts would fail at the unique index.
        membership = locked_membership(user_id, project_id)
        counts = _counts(project_id)
        # Read again: the lock may have been waited for, and time goes on meanwhile.
        now = clock.now()
        active = _active(user_id, project_id, idle_limit(now))
        if active is not None:
            # Of several tabs that open at once the first one started it, while this one waited.
            if resume and active.last_activity > idle_limit(now):
                return active, True
            _end(active, _end_of(active, now))
        session = Session.objects.create(
            user_id=user_id,
            project_id=project_id,
            session_start=now,
            last_activity=now,
            end_version=counts["version"],
            snapshot_at_start=counts | {"taken_at": now.isoformat()},
            metadata=metadata or {},
            created_at=now,
        )
        note_changed(membership)
        _count("started")
    return session, False


def touch_session(user_id: UUID, project_id: UUID) -> None:
    """Note that the person did something just now, at the project's present version.

    Without an active session, or with an idle one, nothing happens: only a start starts one.
    """
    _resume(user_id, project_id, clock.now())


def end_session(user_id: UUID, project_id: UUID) -> Session | None:
    """End the active session; returns it, or None when there was none (ending twice is fine).

    One that was idle past the limit ended at its last activity. Raises NotFound for a non-member.
    """
    with transaction.atomic():
        membership = locked_membership(user_id, project_id)
        counts = _counts(project_id)
        now = clock.now()
        session = _active(user_id, project_id, idle_limit(now))
        if session is None:
            return None
        if session.last_activity > idle_limit(now):
            session.last_activity, session.end_version = now, counts["version"]
        _end(session, _end_of(session, now))
        note_changed(membership)
    return session


def end_this(session_id: UUID) -> bool:
    """End one session, if it is still the active one; another that was started since goes on.

    Returns whether it was ended by this. Raises NotFound when it is not there for whoever acts.
    """
    with transaction.atomic():
        known = Session.objects.filter(id=session_id).first()
        if known is None:
            raise NotFound("This session is not there.")
        membership = locked_membership(known.user_id, known.project_id)
        session = _active(known.user_id, known.project_id, idle_limit(now := clock.now()))
        if session is None or session.id != session_id:
            return False
        _end(session, _end_of(session, now))
        note_changed(membership)
    return True


def end_idle(project_id: UUID, now: dt.datetime, minutes: int | None = None) -> list[Session]:
    """End the project's sessions that are idle past the limit, each at its last activity; returns them.

    `minutes` is the limit; None: SESSION_IDLE_MINUTES. Run by the upkeep job, acting as the system for the
    project.
    """
    ended: list[Session] = []
    limit = idle_limit(now, minutes)
    for user_id in list(
        Session.objects.idle_since(limit)
        .filter(project_id=project_id)
        .order_by("user_id")
        .values_list("user_id", flat=True)
    ):
        with transaction.atomic():
            # Locked like a start: the two must not both end it, nor one end what the other resumed.
            try:
                membership = locked_membership(user_id, project_id)
            except NotFound:
                continue  # taken out of the project meanwhile, which ended it
            session = _active(user_id, project_id, limit)
            if session is not None and session.last_activity <= limit:
                _end(session, session.last_activity)
                note_changed(membership)
                ended.append(session)
    return ended


def idle_limit(now: dt.datetime, minutes: int | None = None) -> dt.datetime:
    """A session with no activity since this moment is over; `minutes` None: SESSION_IDLE_MINUTES."""
    return now - dt.timedelta(minutes=minutes or settings.SESSION_IDLE_MINUTES)


def _counts(project_id: UUID) -> dict[str, int]:
    """The project's version and counts; read after the lock, so as not to show what was before the wait."""
    row = ProjectCounter.objects.get(project_id=project_id)
    return {
        "version": row.version,
        "decided": row.decided,
        "exploring": row.exploring,
        "parked": row.parked,
        "pending_questions": row.questions_open,
    }


def _resume(user_id: UUID, project_id: UUID, now: dt.datetime) -> Session | None:
    """Extend the active session if it is not idle past the limit, in one statement."""
    resumed = Session.objects.raw(
        "select * from resume_session(%s, %s, %s, %s)", [user_id, project_id, now, idle_limit(now)]
    )
    return next(iter(resumed), None)


def _active(user_id: UUID, project_id: UUID, limit: dt.datetime) -> Session | None:
    """The active session; the membership is locked.

    One that looks idle since `limit` may be alive by input that still waits for the digester: that is folded
    first.
    """
    mine = Session.objects.active().of(user_id, project_id)
    session = mine.first()
    if session is not None and session.last_activity <= limit:
        while fold_tracked([project_id], user_id=user_id, most=FOLD_ROWS):
            session = mine.first()
    return session


def _end_of(session: Session, now: dt.datetime) -> dt.datetime:
    """When a session ends that ends now: an idle one did at its last activity, not when somebody noticed."""
    return session.last_activity if session.last_activity <= idle_limit(now) else now


def _end(session: Session, at: dt.datetime) -> None:
    session.is_active = False
    session.session_end = at
    session.save(update_fields=["is_active", "session_end", "last_activity", "end_version", "updated_at"])
    _count("ended")


def _count(event: str) -> None:
    # Once it is true: a transaction that is undone started and ended nothing.
    after_commit(SESSIONS.labels(event).inc)
