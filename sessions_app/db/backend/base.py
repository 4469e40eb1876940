"""Django's PostgreSQL backend, which starts the embedded server at the first connection."""

from __future__ import annotations

import atexit
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        """Fill in where the embedded server listens; a server of one's own is left as set."""
        if data_dir := self.settings_dict.get("EMBEDDED_DATA_DIR"):
            from sessions_app import embedded

            if not embedded.status(data_dir).running:
                # Whoever started it stops it at the end, unless another process uses it by then.
                atexit.register(_stop_if_unused)
            server = embedded.ensure_running(data_dir)
            role = self.settings_dict["EMBEDDED_ROLE"]
            self.settings_dict.update(
                HOST=server.host, PORT=str(server.port), USER=role, PASSWORD=server.password_of(role)
            )
        return super().get_connection_params()


def _stop_if_unused() -> None:
    from sessions_app.db.lifetime import stop_if_unused

    stop_if_unused()
