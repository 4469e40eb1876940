"""Django's PostgreSQL backend, which starts the embedded server at the first connection.

A connection whose settings say SILENCE_SECONDS waits no longer than that for any answer.
"""

from __future__ import annotations

import atexit
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db.backends.postgresql import base
from django.db.utils import InternalError
from psycopg.pq import TransactionStatus

from sessions_app.db.backend import driver
from sessions_app.metrics.statements import counted

if TYPE_CHECKING:
    from sessions_app.embedded import Server

# The servers this process found running, by data folder. To look takes two connections of the
# superuser: too much for every request that takes one from the pool.
_found: dict[Path, Server] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    Database = driver

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 -- Django's own
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(counted)
        if pool := self.settings_dict["OPTIONS"].get("pool"):
            pool["connection_class"] = driver.Connection

    def allow_answer(self, seconds: float) -> None:
        """Let an answer take so long until this transaction ends."""
        assert self.connection is not None
        self.connection.answer_seconds = seconds

    def get_connection_params(self) -> dict[str, Any]:
        """Fill in where the embedded server listens; a server of one's own is left as set."""
        if data_dir := self.settings_dict.get("EMBEDDED_DATA_DIR"):
            server = _running_server(data_dir)
            role = self.settings_dict["EMBEDDED_ROLE"]
            self.settings_dict.update(
                HOST=server.host, PORT=str(server.port), USER=role, PASSWORD=server.password_of(role)
            )
        # For whoever looks into pg_stat_activity.
        return {"application_name": f"leftoff {os.getpid()}", **super().get_connection_params()}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:  # noqa: ANN401 -- psycopg's own
        """Connect, or take one from the pool; an embedded server that stopped meanwhile is started again."""
        connection = self._connected(conn_params)
        connection.answer_seconds = self.settings_dict.get("SILENCE_SECONDS")
        return connection

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        if autocommit and self.connection is not None:
            # A transaction has ended, and with it what the server was told for its length.
            self.connection.answer_seconds = self.settings_dict.get("SILENCE_SECONDS")

    def _close(self) -> None:
        if self.connection is not None:
            self.connection.answer_seconds = driver.IDLE_SECONDS
        super()._close()  # type: ignore[misc]

    def _commit(self) -> None:
        """Commit. Raises InternalError for a transaction in which something failed that nobody spoke of.

        PostgreSQL rolls such a one back and calls that a success: whoever swallowed the error would be told
        that all is done.
        """
        if self.connection and self.connection.info.transaction_status is TransactionStatus.INERROR:
            raise InternalError("a statement failed in this transaction and its error was swallowed")
        super()._commit()  # type: ignore[misc]

    def _connected(self, conn_params: dict[str, Any]) -> Any:  # noqa: ANN401 -- psycopg's own
        try:
            return super().get_new_connection(conn_params)
        except self.Database.OperationalError:
            data_dir = self.settings_dict.get("EMBEDDED_DATA_DIR")
            was_found = data_dir is not None and _found.pop(data_dir, None) is not None
            # A pool connects by itself in the background; it has waited long enough for one request.
            if not was_found or self.settings_dict["OPTIONS"].get("pool"):
                raise
        return super().get_new_connection(self.get_connection_params())

    def close_pool(self) -> None:
        """Close the pool if there is one. Django's own makes one to close it, which starts the server."""
        if pool := self._connection_pools.pop(self.alias, None):  # type: ignore[attr-defined]
            pool.close()


def _running_server(data_dir: Path) -> Server:
    from sessions_app import embedded

    if (server := _found.get(data_dir)) is None:
        embedded.use(data_dir)
        if not embedded.status(data_dir).running:
            # Whoever started it stops it at the end, unless another process uses it by then.
            atexit.register(_stop_if_unused)
        server = _found[data_dir] = embedded.ensure_running(data_dir)
    return server


def _stop_if_unused() -> None:
    from sessions_app.db.lifetime import stop_if_unused

    stop_if_unused()
