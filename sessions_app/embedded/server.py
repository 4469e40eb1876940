"""A running server: how to reach it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote, urlencode

from .errors import EmbeddedError
from .passwords import read_passwords
from .place import Place

LOOPBACK = "127.0.0.1"
# Only part of the socket's name: nothing listens on a network port of this number.
SOCKET_PORT = 5432
# The kernels allow 103 (macOS) and 107 (Linux) bytes for the path of a socket.
MAX_SOCKET_PATH_BYTES = 100


class ConnectionParams(TypedDict):
    """What psycopg takes as keyword arguments, and Django under its own names."""

    host: str
    port: int
    user: str
    password: str
    dbname: str


@dataclass(frozen=True)
class Server:
    """The server of one data folder."""

    data_dir: Path
    host: str
    port: int

    def url(self, role: str, database: str) -> str:
        """Return a URL that libpq and psycopg understand, with the role's password in it.

        Raises:
            EmbeddedError: the role has no stored password.
        """
        # The host goes into the query: a socket's folder in the host part loses its capitals in
        # Python's own URL parser.
        where = urlencode({"host": self.host, "port": self.port}, quote_via=quote)
        return f"postgresql://{quote(role)}:{quote(self.password_of(role))}@/{quote(database)}?{where}"

    def params(self, role: str, database: str) -> ConnectionParams:
        """Return the same as keyword arguments for psycopg.

        Raises:
            EmbeddedError: the role has no stored password.
        """
        return {
            "host": self.host,
            "port": self.port,
            "user": role,
            "password": self.password_of(role),
            "dbname": database,
        }

    def password_of(self, role: str) -> str:
        """Return the password of a role.

        Raises:
            EmbeddedError: it is not among the stored ones.
        """
        place = Place(self.data_dir)
        try:
            return read_passwords(place)[role]
        except KeyError:
            raise EmbeddedError(f"{place.passwords} holds no password for the role {role}.") from None


def server_of(place: Place) -> Server:
    """Return the server a place has, or would have once started.

    Where no Unix socket is possible the port is the one of the last start, 0 before the first.
    """
    if uses_socket(place):
        return Server(place.data, str(place.data), SOCKET_PORT)
    try:
        port = int(place.port.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        port = 0
    return Server(place.data, LOOPBACK, port)


def uses_socket(place: Place) -> bool:
    """Tell whether the server listens on a Unix socket in its data folder, not on 127.0.0.1."""
    path = os.fsencode(place.data / f".s.PGSQL.{SOCKET_PORT}")
    # libpq takes a comma for the end of one host and the begin of the next.
    return sys.platform != "win32" and len(path) <= MAX_SOCKET_PATH_BYTES and b"," not in path
