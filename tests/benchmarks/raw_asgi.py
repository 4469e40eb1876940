"""What the peers and the floors share: an ASGI application with nothing in it but a bearer and a pool.

Its bearers say what the product's say, signed with a key of its own.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
from psycopg_pool import AsyncConnectionPool

from tests.faults.person import Person

KEY = "a key that only benchmarks know, of thirty-two bytes"
CONNECTIONS = 8
# Where the database is: of the process, as it is started by the benchmark.
DATABASE = "BENCHMARK_DATABASE"

Claims = dict[str, str]
Answer = Callable[[AsyncConnectionPool, Claims, str], Awaitable[bytes]]
Asgi = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def bearer(person: Person) -> dict[str, str]:
    """The header of a program that calls as this person, by the same sign-in as at the product."""
    claims = jwt.decode(person.bearer, options={"verify_signature": False})
    token = jwt.encode({name: claims[name] for name in ("sub", "sid")}, KEY, algorithm="HS256")
    return {"Authorization": f"Bearer {token}"}


def serving(answer: Answer) -> Asgi:
    """An application that answers JSON about the project that ends the path, to whoever shows a bearer."""
    pools: list[AsyncConnectionPool] = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if not pools:
            # At the first request: daphne knows no lifespan.
            pools.append(
                AsyncConnectionPool(os.environ[DATABASE], min_size=1, max_size=CONNECTIONS, open=False)
            )
            await pools[0].open()
        try:
            said = dict(scope["headers"])[b"authorization"].removeprefix(b"Bearer ")
            claims = jwt.decode(said, KEY, algorithms=["HS256"])
        except (KeyError, jwt.PyJWTError):
            await respond(send, 401, b"{}")
            return
        await respond(send, 200, await answer(pools[0], claims, scope["path"].rpartition("/")[2]))

    return application


async def respond(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
