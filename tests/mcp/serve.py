"""A server process of the product's own on the tests' database: `python -m tests.mcp.serve DATABASE PORT`."""

from __future__ import annotations

import os
import sys


def main(database: str, port: int) -> None:
    """Serve until a signal."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    if port_nobody_listens_on := os.environ.get("DATABASE_PORT"):
        del settings.DATABASES["default"]["EMBEDDED_DATA_DIR"]
        settings.DATABASES["default"] |= {"HOST": "127.0.0.1", "PORT": port_nobody_listens_on}
    settings.CORS_ALLOWED_ORIGINS = ["https://front.example"]

    from config.asgi import application
    from sessions_app.management import leaving
    from sessions_app.management.web.server import WebServer

    server = WebServer(application, "127.0.0.1", port, announce=lambda: None)
    with leaving.on_signal(server.end_soon, server.end_now):
        server.run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
