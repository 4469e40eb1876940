"""Reads that may lag: by a streaming replica, where DATABASE_REPLICA_URL names one.

    place = replica.place_of(project_id, user_id)     # as the primary has it, whoever may see it acts
    answer = replica.read(acting, place, question)    # or Unfit: then the primary is to be asked

Who may is always judged by the primary. While the replica is asked it is this thread's `default`, so whatever
`question` calls is read there, under row security with the same one acting. It is asked only what it can tell
in full: a project must stand there where it stood on the primary a moment ago, so nobody is shown less than
they were shown before, or than they wrote themselves. What carries no version, such as agents' reports that
wait in the intake, is at most MOST_LAG_SECONDS old.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from sessions_app.db import queries, trouble
from sessions_app.db.retry import LOCK_NOT_AVAILABLE, QUERY_CANCELED, sqlstate
from sessions_app.metrics.instruments import REPLICA_READS

logger = logging.getLogger(__name__)

ALIAS = "replica"
# As soon as a revoke is promised to work.
MOST_LAG_SECONDS = 5.0
# One that did not answer is left alone so long.
REST_SECONDS = 5.0
# What a replica says that is there: it cannot write; it had to replay what the statement still needed; it was
# locked, or took too long. (It has no unlogged table either: who is here just now only the primary knows.)
_BROKEN_OFF_STATES = ("25006", "40001", LOCK_NOT_AVAILABLE, QUERY_CANCELED)

Answer = TypeVar("Answer")
# A transaction in which whoever asks acts: one of db/rls.py.
Acting = Callable[[], AbstractContextManager[None]]


class Unfit(Exception):
    """The replica cannot answer this now: it is away, or behind."""


@dataclass(frozen=True)
class Place:
    """Where a project stands, and (None: for no member) what one member alone is shown of it."""

    epoch: str
    version: int
    member_version: int | None
    project_id: UUID
    user_id: UUID | None

    def is_reached_by(self, other: Place) -> bool:
        """Whether the other one is of the same database, and as far."""
        return (
            other.epoch == self.epoch
            and other.version >= self.version
            and (other.member_version or 0) >= (self.member_version or 0)
        )


@dataclass(frozen=True)
class Reading:
    """What is read a piece at a time: questions of whoever acts, each in a transaction of its own."""

    acting: Acting
    # None: the primary answers all of them.
    place: Place | None

    def __call__(self, question: Callable[[], Answer]) -> Answer:
        """The answer, by the replica if it is fit."""
        if self.place and is_asked():
            try:
                return read(self.acting, self.place, question)
            except Unfit:
                pass
        with self.acting():
            return question()


_rest = trouble.Rest(REST_SECONDS, logger)


def is_set() -> bool:
    """Whether there is a replica."""
    return ALIAS in connections.settings


def is_asked() -> bool:
    """Whether there is one, and it may be asked now."""
    if not is_set():
        return False
    if _rest.is_over():
        return True
    REPLICA_READS.labels("away").inc()
    return False


def reading(acting: Acting, project_id: UUID, user_id: UUID | None) -> Reading:
    """Read on as far as the project stands where it is read now; see Reading."""
    return Reading(acting, place_of(project_id, user_id) if is_set() else None)


def place_of(project_id: UUID, user_id: UUID | None) -> Place | None:
    """Where the project stands in the database that is asked now; None: not there, for whoever acts."""
    found = queries.rows("replica_place", {"project": project_id, "user": user_id})
    return Place(**found[0], project_id=project_id, user_id=user_id) if found else None


def read(acting: Acting, place: Place | None, question: Callable[[], Answer]) -> Answer:
    """The replica's answer to a question that writes nothing.

    Arguments: `acting`, in whose transaction it is asked; `place`, which the replica must have reached (None:
    the question is about no project's version). Raises Unfit, and what the question raises otherwise.
    """
    try:
        with _in_place_of_primary(), acting():
            _require_fit(place)
            answer = question()
    except Unfit:
        _rest.end()
        REPLICA_READS.labels("behind").inc()
        raise
    except trouble.ERRORS as error:
        # Whatever it is, the primary tells whether it is ours.
        REPLICA_READS.labels(_outcome(error)).inc()
        raise Unfit from error
    _rest.end()
    REPLICA_READS.labels("answered").inc()
    return answer


def lag_seconds() -> float:
    """How far it is behind. Raises Django's database errors, PoolTimeout."""
    with _in_place_of_primary(), transaction.atomic():
        return _lag()


def _outcome(error: BaseException) -> str:
    """What to call an answer that did not come; a replica that is away is left alone for a while."""
    found = trouble.trouble_of(error)
    if sqlstate(error) in _BROKEN_OFF_STATES or found is None or found.status != 503:
        return "broken"
    _rest.begin(error, "the replica does not answer (the primary does)")
    return "away"


def _require_fit(place: Place | None) -> None:
    if _lag() > MOST_LAG_SECONDS:
        raise Unfit
    if place and not ((there := place_of(place.project_id, place.user_id)) and place.is_reached_by(there)):
        raise Unfit


def _lag() -> float:
    seconds: float = queries.rows("replica_lag", {})[0]["seconds"]
    return seconds


@contextmanager
def _in_place_of_primary() -> Iterator[None]:
    """Let this thread's `default` be the replica; its connection is given back at the end."""
    primary, replica = connections[DEFAULT_DB_ALIAS], connections[ALIAS]
    connections[DEFAULT_DB_ALIAS] = replica
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = primary
        replica.close()
