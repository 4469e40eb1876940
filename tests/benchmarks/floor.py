"""The floor: the least that can answer a summary that is known already, and still keep the promises.

A bearer is checked, and the hot door's own statement is asked once for each request: it tells, for the person
who acts and by what row security lets them see, what an answer hangs on. What is answered is as long as a
summary. The door asks for many at once, and looks up in a table what it answered before.
"""

from __future__ import annotations

import json

from psycopg_pool import AsyncConnectionPool

from sessions_app.db import queries
from tests.benchmarks.raw_asgi import Claims, serving

STATEMENT = queries.text("answer_states")
_AS_LONG = "." * 600


def asked(claims: Claims, project: str) -> dict[str, object]:
    """What the statement takes, for one asker."""
    return {
        "users": [claims["sub"]],
        "projects": [project],
        "sign_ins": [claims["sid"]],
        "sessions": [None],
        "with_analytics": [False],
        "shows_presence": [False],
        "opened_at": [None],
        "within": 30,
        "idle_minutes": 30,
    }


async def _summary(pool: AsyncConnectionPool, claims: Claims, project: str) -> bytes:
    async with pool.connection() as connection:
        # One statement, one transaction: neither begin nor commit is sent.
        await connection.set_autocommit(True)
        ((_, state),) = await (await connection.execute(STATEMENT, asked(claims, project))).fetchall()
    assert state, "not a member"
    return json.dumps({"state": state, "data": _AS_LONG}).encode()


application = serving(_summary)
