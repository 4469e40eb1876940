"""The database work of agents at this door: bounded, and apart from the threads of pages and sockets."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async

P = ParamSpec("P")
R = TypeVar("R")

_executor = ThreadPoolExecutor(max_workers=4, thread_name_prefix="mcp")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run database work beside the loop; its connection goes back to the pool afterwards."""
    run = database_sync_to_async(function, thread_sensitive=False, executor=_executor)
    result: R = await run(*args, **kwargs)
    return result
