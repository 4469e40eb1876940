"""The peer in Python: a summary as one writes it who counts in SQL, the way small servers of this kind do.

Whether the caller is a member, how many items there are in each state, the questions that wait, the last
session: three statements over one pool, no row security, nothing kept between requests.
"""

from __future__ import annotations

import json

from psycopg_pool import AsyncConnectionPool

from tests.benchmarks.raw_asgi import Claims, serving

MEMBER = "select role from memberships where user_id = %s and project_id = %s"
ITEMS = "select state, count(*) from items where project_id = %s group by state"
REST = """
select (select count(*) from questions where project_id = %(project)s and status = 'open'),
  (select max(session_end) from user_sessions where project_id = %(project)s and user_id = %(person)s)
"""


async def _summary(pool: AsyncConnectionPool, claims: Claims, project: str) -> bytes:
    async with pool.connection() as connection:
        member = await (await connection.execute(MEMBER, [claims["sub"], project])).fetchone()
        assert member, "not a member"
        items = dict(await (await connection.execute(ITEMS, [project])).fetchall())
        rest = await connection.execute(REST, {"project": project, "person": claims["sub"]})
        questions, last_end = await rest.fetchone()  # type: ignore[misc]
    return json.dumps(
        {
            "itemsDecided": items.get("decided", 0),
            "itemsExploring": items.get("exploring", 0),
            "itemsParked": items.get("parked", 0),
            "pendingQuestions": questions,
            "lastSessionEnd": last_end and last_end.isoformat(),
            "role": member[0],
        }
    ).encode()


application = serving(_summary)
