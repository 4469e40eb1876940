"""The PostgreSQL that runs when DATABASE_URL is unset.

Programs from a wheel, data in a folder of ours, one server for all processes of the app. Knows
nothing of Django, so settings can ask it for a server.

    server = ensure_running(DATA_DIR / "postgres")
    server.params("sessions_runtime", "sessions")
"""

from .binaries import find_bin_dir, find_program
from .cluster import Status, ensure_running, status, stop
from .errors import EmbeddedError
from .roles import (
    BACKUP,
    DATABASE,
    OWNER,
    RUNTIME,
    RolesReport,
    create_database,
    create_roles,
    grant_defaults,
)
from .server import ConnectionParams, Server
from .users import stop_if_last, use

__all__ = [
    "BACKUP",
    "DATABASE",
    "OWNER",
    "RUNTIME",
    "ConnectionParams",
    "EmbeddedError",
    "RolesReport",
    "Server",
    "Status",
    "create_database",
    "create_roles",
    "ensure_running",
    "find_bin_dir",
    "find_program",
    "grant_defaults",
    "status",
    "stop",
    "stop_if_last",
    "use",
]
