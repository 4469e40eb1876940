"""The request or job under way: what it is called in the log, and what it did so far."""

from __future__ import annotations

import random
import re
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

# As much as a trace of any usual proxy has, and nothing that could forge a line.
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{7,63}")


@dataclass(slots=True)
class Observed:
    """See the module. Threads that work for one request share it."""

    id: str
    is_job: bool = False
    statements: int = 0
    database_seconds: float = 0.0
    # By MCP: whether it is a report, or may be one. How many pieces of activity a batch brings to the
    # intake (0: nobody counted them),
    is_report: bool = False
    entries: int = 0
    # whether they were taken in (where the status does not tell), how many of them had been before,
    is_taken: bool = False
    again: int = 0
    # why they were refused (a word of metrics/intake.py; "": the status tells),
    refused: str = ""
    # and who sent them to which project, as far as is known.
    user_id: UUID | None = None
    project_id: UUID | None = None
    is_agent: bool = False


_current: ContextVar[Observed | None] = ContextVar("observed", default=None)


def current() -> Observed | None:
    """The request or job under way in this context, or None."""
    return _current.get()


def observing(name: str, *, is_job: bool = False) -> AbstractContextManager[Observed]:
    """Let everything inside be of one request or job, called `name`."""
    return _Observing(Observed(name, is_job))


class _Observing(AbstractContextManager[Observed]):
    """By hand: what `contextmanager` makes takes each request several times as long."""

    def __init__(self, observed: Observed) -> None:
        self._observed = observed

    def __enter__(self) -> Observed:
        self._token = _current.set(self._observed)
        return self._observed

    def __exit__(self, *_trouble: object) -> None:
        _current.reset(self._token)


def request_id(given: str | None) -> str:
    """What a request is called: what the client says, if that is well-formed, or a new name."""
    if given and _WELL_FORMED.fullmatch(given):
        return given
    # A name and no secret: the system's own randomness would be a call of the system each time.
    return f"{random.getrandbits(128):032x}"
