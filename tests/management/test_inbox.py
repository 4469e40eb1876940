"""What came for a socket of daphne's and was not heard yet."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from sessions_app.management.web.inbox import Inbox


def test_what_came_is_heard_in_its_order() -> None:
    async def story() -> None:
        inbox = Inbox()
        hearing = asyncio.create_task(inbox.get())
        await asyncio.sleep(0)
        for number in range(3):
            inbox.put_nowait({"number": number})
        assert await hearing == {"number": 0}
        assert inbox.qsize() == 2
        assert [await inbox.get() for _ in range(2)] == [{"number": 1}, {"number": 2}]
        assert inbox.qsize() == 0

    asyncio.run(story())


@pytest.mark.parametrize("comes_first", [True, False])
def test_what_comes_as_hearing_is_given_up_is_heard_by_the_next(comes_first: bool) -> None:
    async def story() -> None:
        inbox = Inbox()
        hearing = asyncio.create_task(inbox.get())
        await asyncio.sleep(0)
        happens = [partial(inbox.put_nowait, {"type": "websocket.disconnect"}), hearing.cancel]
        for happen in happens if comes_first else reversed(happens):
            happen()
        with pytest.raises(asyncio.CancelledError):
            await hearing
        assert await inbox.get() == {"type": "websocket.disconnect"}

    asyncio.run(story())
