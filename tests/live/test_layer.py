"""The channel layer on LISTEN/NOTIFY: what one process sends, every process hears."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from django.db import connections

from sessions_app.live.layer import PAYLOAD_MAX_BYTES, LayerLost, PostgresChannelLayer


@pytest.fixture
def two(database: None) -> Callable[[Callable[..., Awaitable[None]]], None]:
    """Run a story with two layers, as two processes have them."""

    async def tell(story: Callable[..., Awaitable[None]]) -> None:
        here, there = PostgresChannelLayer(), PostgresChannelLayer(capacity=3)
        try:
            async with asyncio.timeout(20):
                await story(here, there)
        finally:
            await here.close()
            await there.close()

    return lambda story: asyncio.run(tell(story))


def test_a_group_is_heard_in_every_process(two) -> None:
    async def story(here: PostgresChannelLayer, there: PostgresChannelLayer) -> None:
        mine, theirs = await here.new_channel(), await there.new_channel()
        await here.group_add("hints", mine)
        await there.group_add("hints", theirs)
        await here.group_send("hints", {"type": "hint", "n": 1})
        assert await here.receive(mine) == await there.receive(theirs) == {"type": "hint", "n": 1}
        await there.send(mine, {"type": "to one", "text": "ä’\u2028"})
        assert await here.receive(mine) == {"type": "to one", "text": "ä’\u2028"}

    two(story)


def test_who_left_the_group_hears_no_more(two) -> None:
    async def story(here: PostgresChannelLayer, there: PostgresChannelLayer) -> None:
        stays, leaves = await there.new_channel(), await there.new_channel()
        await there.group_add("hints", stays)
        await there.group_add("hints", leaves)
        await there.group_discard("hints", leaves)
        await here.group_send("hints", {"n": 1})
        assert await there.receive(stays) == {"n": 1}
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(there.receive(leaves), 0.2)

    two(story)


def test_a_full_channel_keeps_the_newest(two) -> None:
    """An old hint says nothing that a newer one does not."""

    async def story(here: PostgresChannelLayer, there: PostgresChannelLayer) -> None:
        channel = await there.new_channel()
        await there.group_add("hints", channel)
        for number in range(6):
            await here.group_send("hints", {"n": number})
        marker = await there.new_channel()
        await there.group_add("marker", marker)
        await here.group_send("marker", {})
        await there.receive(marker)
        assert [(await there.receive(channel))["n"] for _ in range(3)] == [3, 4, 5]

    two(story)


def test_a_lost_connection_is_told_and_made_again(two) -> None:
    """Whoever listens learns that something may be missing, and hears what is sent afterwards."""

    async def story(here: PostgresChannelLayer, there: PostgresChannelLayer) -> None:
        channel = await there.new_channel()
        await there.group_add("hints", channel)
        await here.group_send("hints", {"n": 1})
        assert await there.receive(channel) == {"n": 1}
        await asyncio.to_thread(cut_all_connections)
        with pytest.raises(LayerLost):
            await there.receive(channel)
        await there.group_add("hints", channel)
        with pytest.raises(Exception, match=r"terminating|closed"):
            await here.group_send("hints", {"n": 2})
        await here.group_send("hints", {"n": 3})
        assert await there.receive(channel) == {"n": 3}

    two(story)


def test_what_is_too_large_is_refused(two) -> None:
    async def story(here: PostgresChannelLayer, _there: PostgresChannelLayer) -> None:
        with pytest.raises(ValueError, match="at most"):
            await here.group_send("hints", {"text": "x" * PAYLOAD_MAX_BYTES})

    two(story)


def cut_all_connections() -> None:
    """End every other connection of the run-time role, as a restart of the server would; they are gone."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid, 20000) from pg_stat_activity"
            " where usename = current_user and datname = current_database() and pid <> pg_backend_pid()"
        )
    connections["default"].close()
