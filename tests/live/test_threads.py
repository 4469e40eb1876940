"""The database work of sockets, beside the loop."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from django.utils import translation

from sessions_app.live.threads import in_thread

said: ContextVar[str] = ContextVar("said")


def test_it_sees_what_its_caller_said_and_leaves_nothing_behind() -> None:
    """Else each open socket would keep a copy of all that is local to a request."""

    def work() -> str:
        heard = said.get()
        said.set("by the work")
        translation.activate("de")
        return heard

    async def story() -> None:
        said.set("by the caller")
        assert await in_thread(work) == "by the caller"
        assert said.get() == "by the caller"
        assert translation.get_language() != "de"

    asyncio.run(story())
