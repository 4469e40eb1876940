"""What many want at once is asked for together, and whoever cannot be told is told so soon."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import psycopg
import pytest

from sessions_app.db import together
from sessions_app.db.together import Connection, NotNow, NotSure, Together, by_place
from tests.hot.conftest import _patient  # noqa: F401 -- a fixture

Asked = list[list[int]]


def tell(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())


async def outcomes(many: Together[int, int], wanted: Sequence[int]) -> list[object]:
    found = await asyncio.gather(*(many.ask(each) for each in wanted), return_exceptions=True)
    return [type(each) if isinstance(each, Exception) else each for each in found]


def test_those_who_come_while_one_is_asked_for_are_asked_for_together(database: None) -> None:
    asked: Asked = []

    async def double(connection: Connection, wanted: Sequence[int]) -> list[int]:
        asked.append(list(wanted))
        told = await connection.execute("select x * 2 from unnest(%s::int[]) x", [list(wanted)])
        return [row[0] for row in await told.fetchall()]

    async def story() -> None:
        many = Together(double, lanes=1)
        assert await many.ask(1) == 2
        assert await outcomes(many, range(10)) == [2 * each for each in range(10)]
        await many.close()

    tell(story)
    assert asked == [[1], list(range(10))]


def test_what_comes_of_it_is_seen_to_while_the_next_are_asked_for(database: None) -> None:
    """Those who went away are among them."""
    seen: list[object] = []

    async def double(_connection: Connection, wanted: Sequence[int]) -> list[int]:
        seen.append("asked")
        await asyncio.sleep(0.01)
        return [2 * each for each in wanted]

    async def story() -> None:
        many = Together(double, lanes=1, afterwards=lambda wanted, told: seen.append((wanted, told)))
        first, away = (asyncio.create_task(many.ask(each)) for each in (1, 2))
        while not seen:
            await asyncio.sleep(0)
        away.cancel()
        assert await many.ask(3) == 6
        assert (await first, away.cancelled()) == (2, True)
        await asyncio.sleep(0)
        await many.close()

    tell(story)
    assert seen == ["asked", "asked", ([1, 2], [2, 4]), ([3], [6])]


def test_lanes_with_nothing_under_way_share_what_waits(database: None) -> None:
    asked: Asked = []

    async def echo(_connection: Connection, wanted: Sequence[int]) -> list[int]:
        asked.append(list(wanted))
        return list(wanted)

    async def story() -> None:
        many = Together(echo, lanes=2)
        assert await outcomes(many, range(5)) == [0, 1, 2, 3, 4]
        await many.close()

    tell(story)
    assert sorted(asked) == [[0, 1, 2], [3, 4]]


def test_what_several_want_is_asked_once(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = """
        select place, (x, cardinality(%(xs)s::int[])) from unnest(%(xs)s::int[]) with ordinality a (x, place)
    """
    monkeypatch.setattr(together.queries, "text", lambda _name: asked)

    async def story() -> None:
        many: Together[Sequence[object], tuple[str, str]] = Together(by_place("any", ("xs",)), lanes=1)
        told = await asyncio.gather(*(many.ask((each,)) for each in (3, 5, 3)))
        assert told == [("3", "2"), ("5", "2"), ("3", "2")]
        await many.close()

    tell(story)


@pytest.mark.parametrize(
    ("statement", "trouble", "rests"),
    [
        # A wrong one among them: the server goes on.
        ("select 1 / 0", NotNow, False),
        # It took too long, and was taken back.
        ("set statement_timeout = 10; select pg_sleep(5)", NotNow, True),
        # Nobody knows what became of it.
        ("select pg_terminate_backend(pg_backend_pid())", NotSure, True),
    ],
)
def test_who_cannot_be_told_is_told_so(
    database: None, statement: str, trouble: type[Exception], rests: bool
) -> None:
    async def fail(connection: Connection, wanted: Sequence[int]) -> list[int]:
        await connection.execute(statement)
        return list(wanted)

    async def story() -> None:
        many = Together(fail, lanes=1, most_at_once=2)
        found = await outcomes(many, range(6))
        # Whoever waits meanwhile need not try: but for the first who were asked for.
        assert found == ([trouble] * 2 + [NotNow] * 4 if rests else [NotNow] * 6)
        assert await outcomes(many, [1]) == [NotNow]
        await many.close()

    tell(story)


def test_a_silent_server_keeps_nobody_waiting(database: None) -> None:
    async def hang(connection: Connection, wanted: Sequence[int]) -> list[int]:
        if 0 not in wanted:
            await asyncio.sleep(3600)
        return list(wanted)

    async def story() -> None:
        many = Together(hang, lanes=1, most_at_once=1)
        # Its line is open then, which takes a busy machine as long as it takes.
        assert await many.ask(0) == 0
        many._patience_seconds = 0.1
        async with asyncio.timeout(20):
            assert await outcomes(many, range(1, 6)) == [NotSure, *[NotNow] * 4]
        await asyncio.sleep(0.1)

    tell(story)


def test_whatever_goes_wrong_nobody_is_left_waiting(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even by what no driver says: an embedded server that cannot be started."""

    def cannot() -> dict[str, object]:
        raise RuntimeError("it does not start")

    monkeypatch.setattr(together, "_where_to_connect", cannot)

    async def echo(_connection: Connection, wanted: Sequence[int]) -> list[int]:
        return list(wanted)

    async def story() -> None:
        async with asyncio.timeout(20):
            assert await outcomes(Together(echo), [1, 2]) == [NotNow, NotNow]

    tell(story)


@pytest.mark.parametrize("answers", [0, 2, 4])
def test_answers_that_are_not_as_many_as_were_asked_for_are_nobody_s(
    database: None, caplog: pytest.LogCaptureFixture, answers: int
) -> None:
    async def miscount(_connection: Connection, _wanted: Sequence[int]) -> list[int]:
        return [0] * answers

    async def story() -> None:
        async with asyncio.timeout(20):
            many = Together(miscount, lanes=1)
            assert await outcomes(many, range(3)) == [NotSure] * 3
            await many.close()

    tell(story)
    assert f"3 were asked for, and {answers} answers came" in caplog.text


def test_the_line_that_breaks_is_made_anew(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "REST_SECONDS", 0.0)
    statements = iter(("select pg_terminate_backend(pg_backend_pid())", "select 1", "select 1"))

    async def echo(connection: Connection, wanted: Sequence[int]) -> list[int]:
        await connection.execute(next(statements))
        return list(wanted)

    async def story() -> None:
        many = Together(echo, lanes=1)
        assert await outcomes(many, [1]) == [NotSure]
        assert await outcomes(many, [2]) == [2]
        await many.close()

    tell(story)
    assert psycopg.errors.AdminShutdown.sqlstate == "57P01"


def test_a_line_that_ended_while_nothing_was_asked_is_made_anew_unseen(database: None) -> None:
    """As after a restart of the database, however long ago it was."""
    mine = "select pg_backend_pid()"

    async def run(connection: Connection, wanted: Sequence[str]) -> list[int]:
        return [(await (await connection.execute(sql)).fetchall())[0][0] for sql in wanted]

    async def story() -> None:
        many, other = Together(run, lanes=1), Together(run, lanes=1)
        first = await many.ask(mine)
        # It has ended once that is answered.
        assert await other.ask(f"select pg_terminate_backend({first}, 5000)")
        assert await many.ask(mine) != first
        await many.close()
        await other.close()

    tell(story)
