"""psycopg, whose connections give up on a server that says nothing at all.

The server's own time limits end no wait for one that is frozen, or beyond a network that swallows
everything: whoever asked would wait until the network wakes up. So the client has a limit as well, a little
longer than the server's, which is the one to end whatever can be ended.
"""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg

# What Django asks its driver for.
from psycopg import (
    Binary,
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)
from psycopg.abc import PQGen

__all__ = [
    "Binary",
    "Connection",
    "DataError",
    "DatabaseError",
    "Error",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "connect",
]

T = TypeVar("T")

# What psycopg's own waiting ends with has no public name: a psycopg without it is told at the start.
_WAIT_TIMEOUT = psycopg.errors._WaitTimeout

# Beyond the server's own limit: what its answer may take on the way.
GRACE_SECONDS = 2.0
# For one that nobody uses: whoever takes it from a pool tries it first. If it is silent, psycopg's pool tries
# the next one at once, and after that it pauses for a second (0.9 to 1.1): so a line that fell silent is told
# after 2.7 to 2.9 s. Less than 0.8 s would leave time for a third one to be tried within POOL_WAIT_SECONDS.
IDLE_SECONDS = 0.9


class Connection(psycopg.Connection[Any]):
    """See the module. `answer_seconds`: how long an answer may take; None: as long as it takes."""

    answer_seconds: float | None = IDLE_SECONDS

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """As psycopg's; without an answer the connection is of no use any more. Raises OperationalError."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_seconds)
        except _WAIT_TIMEOUT as late:
            self.pgconn.finish()
            raise OperationalError(f"the database did not answer within {self.answer_seconds} s") from late


connect = Connection.connect
