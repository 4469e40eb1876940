"""Asks a server whether it is there, is ours and is ready. Only connecting can tell."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Any

from .errors import EmbeddedError
from .roles import DATABASE, RIGHTS, SUPERUSER
from .server import LOOPBACK, Server

# The least libpq knows. A server of ours that is slower is asked again while its process lives.
CONNECT_SECONDS = 2

QUERY = """
SELECT current_setting('data_directory'),
       (SELECT count(*) FROM pg_roles WHERE rolname = ANY(%(roles)s)) = cardinality(%(roles)s)
       -- Granting comes last, so a database with grants has all the rest.
       AND EXISTS (SELECT FROM pg_database WHERE datname = %(database)s AND datacl IS NOT NULL)
"""


class Answer(Enum):
    """What a server said."""

    NONE = "nobody answers, or somebody else's server does"
    BARE = "ours, but roles or database are still missing"
    READY = "ours, with roles and database"


def ask(server: Server) -> Answer:
    """Connect as the superuser and look around.

    Raises:
        EmbeddedError: it is our server, but refuses the stored password.
    """
    import psycopg

    options: dict[str, Any] = {**server.params(SUPERUSER, "postgres"), "connect_timeout": CONNECT_SECONDS}
    if server.host == LOOPBACK and psycopg.pq.version() >= 160000:
        # Whoever has taken our port by now must not be able to ask for the password in clear.
        options["require_auth"] = "scram-sha-256"
    try:
        with psycopg.connect(psycopg.conninfo.make_conninfo(**options), autocommit=True) as connection:
            row = connection.execute(QUERY, {"roles": list(RIGHTS), "database": DATABASE}).fetchone()
    except psycopg.OperationalError as error:
        if server.host != LOOPBACK and "password authentication failed" in str(error):
            raise EmbeddedError(
                f"The database in {server.data_dir} refuses the password that is stored beside it. "
                "The passwords file is not the one it was made with; put that one back from a back-up."
            ) from error
        return Answer.NONE
    if row is None or Path(row[0]).resolve() != server.data_dir:
        return Answer.NONE
    return Answer.READY if row[1] else Answer.BARE
