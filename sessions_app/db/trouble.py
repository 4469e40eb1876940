"""What an error of the database means to whoever asked: one table for pages, API and MCP."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.db import DataError, Error, IntegrityError, InterfaceError, InternalError, OperationalError
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from sessions_app.db.retry import sqlstate

# Whatever a question to the database may end with: its own errors, and a pool that has no connection to give.
ERRORS = (Error, PoolTimeout)

# What psycopg calls internal, and is not: the server ended a transaction that stood idle, for we were held
# up; it only reads now, for another has taken over.
_AWAY_STATES = ("25P03", "25006")


@dataclass(frozen=True)
class Trouble:
    """An HTTP status, and a sentence for it."""

    status: int
    detail: str


def trouble_of(error: BaseException | None) -> Trouble | None:
    """What it means; None: it is no trouble of the database's or the input's, but a fault of ours."""
    if isinstance(error, DataError):
        return Trouble(422, "The database cannot hold one of these values.")
    if isinstance(error, Error) and sqlstate(error) == "42501":
        # The right to it went away between the look-up and the act.
        return Trouble(404, "It is not there, or not for you.")
    if isinstance(error, IntegrityError) and sqlstate(error) == "23503":
        # The project it belongs to was deleted in between.
        return Trouble(404, "It is not there any more.")
    is_away = isinstance(error, InternalError) and sqlstate(error) in _AWAY_STATES
    if is_away or isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        return Trouble(503, "The database does not answer just now. Nothing was lost; try again.")
    return None


class Complaint:
    """What is tried again and again is complained of once, until it worked: in a line where the database is
    away, with a traceback where the fault is ours."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._of: type[BaseException] | None = None

    def about(self, error: BaseException, what: str, *args: object) -> None:
        """Say `what` (with its `args`, as a logger takes them), unless that was said last."""
        if type(error) is not self._of:
            log_trouble(self._logger, error, what, *args)
        self._of = type(error)

    def is_over(self) -> None:
        """It worked."""
        self._of = None


class Rest:
    """Who did not answer is left alone for a while: nobody else has to wait for them meanwhile."""

    def __init__(self, seconds: float, logger: logging.Logger) -> None:
        self._seconds = seconds
        self._until = 0.0
        self._complaint = Complaint(logger)

    def begin(self, error: BaseException, what: str) -> None:
        """They did not answer: say `what` of them, unless that was said last."""
        self._until = time.monotonic() + self._seconds
        self._complaint.about(error, what)

    def is_over(self) -> bool:
        """Whether somebody may ask. The first one who does is the only one until they are answered."""
        if not self._until:
            return True
        if time.monotonic() < self._until:
            return False
        self._until = time.monotonic() + self._seconds
        return True

    def end(self) -> None:
        """They answered."""
        if self._until:
            self._until = 0.0
            self._complaint.is_over()


def log_trouble(logger: logging.Logger, error: BaseException, what: str, *args: object) -> None:
    """Log `what` failed: a line where the database or Redis is away, else the traceback too."""
    trouble = trouble_of(error)
    if isinstance(error, RedisError) or (trouble and trouble.status == 503):
        logger.warning(f"{what}: %s", *args, error)
    else:
        logger.error(what, *args, exc_info=error)
