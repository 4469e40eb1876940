"""The database connections: `default` runs as the run-time role, `owner` migrates; where there is a replica,
`replica` reads there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

# How long a statement, a lock and a forgotten transaction may take before the server ends them. Whoever waits
# for a row of somebody who waits for a table then waits for that table as well: five seconds for both.
RUNTIME_TIMEOUTS = "-c statement_timeout=15s -c lock_timeout=2s -c idle_in_transaction_session_timeout=10s"
# How long we wait for an answer of a server that ends nothing any more, for it is frozen or unreachable: a
# little longer than its own limit.
SILENCE_SECONDS = 17
# Who waits for a lock on a table queues everybody behind it; a migration waits for less (db/migrating.py).
# And one that is stopped in the middle holds its locks no longer than that.
OWNER_TIMEOUTS = "-c lock_timeout=5s -c idle_in_transaction_session_timeout=60s"
POOL_WAIT_SECONDS = 2.5
# A pool that cannot connect waits longer each time, and would still wait when the database is long back.
POOL_RECONNECT_SECONDS = 5.0
# What a replica does not answer soon the primary answers: whoever waited for the one waits for the other too.
REPLICA_TIMEOUTS = (
    "-c statement_timeout=8s -c lock_timeout=2s -c idle_in_transaction_session_timeout=10s"
    " -c default_transaction_read_only=on"
)
REPLICA_SILENCE_SECONDS = 9
REPLICA_WAIT_SECONDS = 0.8
REPLICA_CONNECT_SECONDS = 2
# How soon a server is given up that is gone without a word, by who only listens too. Its address may set
# each of them otherwise.
NETWORK = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


def database_settings(
    url: str, owner_url: str, data_dir: Path, *, pool_max_connections: int, replica_url: str = ""
) -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES.

    Without `url` both connections are to the embedded server in `data_dir`, which the backend starts
    at the first connection. `owner_url` may stay empty where another machine migrates, `replica_url` where
    there is no replica.
    """
    if not url and owner_url:
        raise ImproperlyConfigured("DATABASE_OWNER_URL is set without DATABASE_URL: set both or neither.")
    if replica_url and not url:
        raise ImproperlyConfigured(
            "DATABASE_REPLICA_URL is set without DATABASE_URL, of which it is a replica."
        )
    runtime = _connection(url, "sessions_runtime", data_dir, RUNTIME_TIMEOUTS)
    _keep_some(runtime, pool_max_connections, POOL_WAIT_SECONDS, SILENCE_SECONDS)
    found = {
        "default": runtime,
        "owner": _connection(owner_url or url, "sessions_owner", data_dir, OWNER_TIMEOUTS),
    }
    if replica_url:
        found["replica"] = replica = _connection(replica_url, "", data_dir, REPLICA_TIMEOUTS)
        if replica["USER"] != runtime["USER"]:
            # Roles are replicated: another one might be bound by no policy.
            raise ImproperlyConfigured("DATABASE_REPLICA_URL must sign in as the same role as DATABASE_URL.")
        replica["OPTIONS"]["connect_timeout"] = REPLICA_CONNECT_SECONDS
        _keep_some(replica, pool_max_connections, REPLICA_WAIT_SECONDS, REPLICA_SILENCE_SECONDS)
    return found


def _keep_some(connection: dict[str, Any], most: int, wait_seconds: float, silence_seconds: float) -> None:
    """Let a process keep so many connections (0: none), and wait so long for one, and for an answer."""
    if most > 0:
        connection["OPTIONS"]["pool"] = {
            "min_size": 1,
            "max_size": most,
            "timeout": wait_seconds,
            "reconnect_timeout": POOL_RECONNECT_SECONDS,
        }
    connection |= {"CONN_HEALTH_CHECKS": True, "SILENCE_SECONDS": silence_seconds}


def _connection(url: str, embedded_role: str, data_dir: Path, timeouts: str) -> dict[str, Any]:
    if url:
        settings: dict[str, Any] = dict(environ.Env.db_url_config(url))
        if "postgresql" not in settings["ENGINE"]:
            raise ImproperlyConfigured(
                "DATABASE_URL must be a postgres:// address; no other database is supported."
            )
    else:
        settings = {
            "NAME": "sessions",
            "EMBEDDED_DATA_DIR": data_dir / "postgres",
            "EMBEDDED_ROLE": embedded_role,
        }
    settings["ENGINE"] = "sessions_app.db.backend"
    settings["OPTIONS"] = {**NETWORK, **settings.get("OPTIONS", {}), "options": timeouts}
    return settings
