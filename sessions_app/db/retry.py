"""Run a transaction again when the database broke it off for another's sake."""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

# serialization_failure, deadlock_detected: nothing is wrong with the request, only with its moment.
RETRIED_STATES = ("40001", "40P01")
# A lock or a statement took longer than it may: whoever waits no longer says so by these.
LOCK_NOT_AVAILABLE, QUERY_CANCELED = "55P03", "57014"
MOST_TRIES = 4
FIRST_PAUSE_SECONDS = 0.02

P = ParamSpec("P")
R = TypeVar("R")


def retrying(function: Callable[P, R]) -> Callable[P, R]:
    """Retry a function that is one whole transaction, at most MOST_TRIES times, with a growing pause.

    Inside an outer transaction it runs once: only the whole can be tried again.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return function(*args, **kwargs)
        for tried in range(1, MOST_TRIES + 1):
            try:
                return function(*args, **kwargs)
            except OperationalError as error:
                if sqlstate(error) not in RETRIED_STATES or tried == MOST_TRIES:
                    raise
                time.sleep(FIRST_PAUSE_SECONDS * 2**tried * random.random())  # noqa: S311 -- spread, not secrecy
        raise AssertionError("the last try returns or raises")

    return run


def sqlstate(error: BaseException) -> str:
    """The SQLSTATE of a Django database error, or ''."""
    return getattr(error.__cause__, "sqlstate", None) or ""
