"""The database work of sockets, beside the loop."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from django.utils import timezone

from sessions_app.live.threads import in_thread

said: ContextVar[str] = ContextVar("said")


def test_it_sees_what_its_caller_said_and_leaves_nothing_behind() -> None:
    """Else each open socket would keep a copy of all that is local to a request."""

    def work() -> str:
        assert timezone.get_current_timezone_name() == "UTC", "what Django keeps for a request is not seen"
        heard = said.get()
        said.set("by the work")
        timezone.activate("Europe/Berlin")
        return heard

    async def story() -> None:
        said.set("by the caller")
        timezone.activate("Asia/Tokyo")
        assert await in_thread(work) == "by the caller"
        assert said.get() == "by the caller"
        assert timezone.get_current_timezone_name() == "Asia/Tokyo"

    asyncio.run(story())
