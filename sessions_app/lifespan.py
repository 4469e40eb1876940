"""A server process from its start to its end, as ASGI servers tell of it."""

from __future__ import annotations

import gc

from django.urls import get_resolver

from sessions_app.asgi import Receive, Scope, Send

# So many objects are made between two of the quickest collections; nearly all are gone without any.
MADE_BETWEEN = 10_000


async def lifespan(_scope: Scope, receive: Receive, send: Send) -> None:
    """Be ready before the first request; daphne, which does not ask, is told by `serve`."""
    await receive()
    try:
        settle()
    except Exception as error:
        # Else a server takes it that nobody wants to be told, and serves.
        message = f"{type(error).__name__}: {error}"
        await send({"type": "lifespan.startup.failed", "message": message})
        raise
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


def settle() -> None:
    """What is loaded by now stays: collections, which hold everybody up, need not look through it."""
    # Its views are loaded by the first request otherwise.
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    gc.set_threshold(MADE_BETWEEN)
