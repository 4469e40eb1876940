"""What is done once a transaction is committed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

from django.db import transaction

P = ParamSpec("P")


def after_commit(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Do it after the commit, or at once where there is no transaction; a rollback leaves it undone.

    What it raises is logged: what was committed is true, and whoever did it has their answer.
    """

    # Django words a failure by the function's own name, and that no partial has.
    def do() -> None:
        work(*args, **kwargs)

    transaction.on_commit(do, robust=True)
