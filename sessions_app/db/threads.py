"""Database work beside an event loop."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")


async def in_thread_of(executor: Executor, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run it in a thread of `executor`; its connection goes back to the pool afterwards.

    It sees plain context variables of its caller only, not what Django keeps for a request (the active time
    zone and language, the URLs' prefix), and leaves nothing there: asgiref's own way would have each open
    socket keep a copy of everything that is local to a request anywhere, some 5 KiB.
    """
    run = partial(contextvars.copy_context().run, _run, partial(function, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(executor, run)


def _run(work: Callable[[], R]) -> R:
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()
