"""The database work of agents at this door: bounded, and apart from the threads of pages and sockets."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from sessions_app.db.threads import in_thread_of

P = ParamSpec("P")
R = TypeVar("R")

_executor = ThreadPoolExecutor(max_workers=4, thread_name_prefix="mcp")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run database work beside the loop, as `in_thread_of` does."""
    return await in_thread_of(_executor, function, *args, **kwargs)
