"""A streaming replica of a product's database, made by PostgreSQL's own program, on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from sessions_app import embedded
from sessions_app.embedded.account import account_for
from sessions_app.embedded.place import Place, write_private
from sessions_app.embedded.process import live_postmaster, stop_postmaster
from sessions_app.embedded.programs import programs_for
from sessions_app.embedded.roles import SUPERUSER
from sessions_app.embedded.server import Server, server_of
from sessions_app.embedded.start import start
from tests.waiting import wait_until


@dataclass(frozen=True)
class Replica:
    """It listens on a socket in its own folder, has the primary's passwords, and may end and begin again."""

    primary: Server
    place: Place

    @property
    def server(self) -> Server:
        return server_of(self.place)

    def make(self) -> None:
        """Copy the primary, which runs, into a folder that follows it from then on."""
        from_where = Place(self.primary.data_dir)
        account = account_for(from_where)
        self.place.data.mkdir(mode=0o700)
        account.give(self.place.data)
        write_private(self.place.passwords, from_where.passwords.read_text())
        known = self.primary.url(SUPERUSER, "postgres")
        program = programs_for(from_where, account) / "pg_basebackup"
        subprocess.run(
            [program, "-D", self.place.data, "-R", "-X", "stream", "-c", "fast", "-d", known],
            check=True,
            capture_output=True,
            env={"LC_ALL": "C"},
            **account.subprocess_arguments(),
        )
        with (self.place.data / "postgresql.auto.conf").open("a") as settings:
            # What a fault leaves of a connection is noticed soon.
            settings.write("wal_receiver_timeout = '5s'\nwal_retrieve_retry_interval = '500ms'\n")

    def start(self) -> None:
        """Start it; returns once it answers."""
        account = account_for(self.place)
        start(self.place, programs_for(Place(self.primary.data_dir), account), account, print)

    def kill(self) -> None:
        """SIGKILL of its first process; the others end by that."""
        if (pid := live_postmaster(self.place)) is not None:
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: live_postmaster(self.place) is None)

    def stop(self) -> None:
        account = account_for(self.place)
        stop_postmaster(programs_for(Place(self.primary.data_dir), account), account, self.place)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """What its superuser is told."""
        with psycopg.connect(**self.server.params(SUPERUSER, embedded.DATABASE)) as connection:
            return connection.execute(sql).fetchall()


@contextmanager
def own_replica(primary: Server) -> Iterator[Replica]:
    """A replica beside the primary's folder until the block ends."""
    replica = Replica(primary, Place.of(primary.data_dir.with_name("replica")))
    replica.make()
    replica.start()
    try:
        yield replica
    finally:
        replica.stop()
