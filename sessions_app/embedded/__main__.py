"""By hand: `python -m sessions_app.embedded status|stop|psql-url DATA_FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from .cluster import status, stop
from .errors import EmbeddedError
from .roles import DATABASE, OWNER


def main(arguments: list[str]) -> int:
    """Run one command.

    Args:
        arguments: the command and the data folder.

    Returns:
        The exit code: 0, 1 when no server runs, 2 when it went wrong.
    """
    try:
        command, folder = arguments
        answer = {"status": _status, "stop": _stop, "psql-url": _url}[command](Path(folder))
    except (ValueError, KeyError):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{answer or 'not running'}\n")
    return 0 if answer else 1


def _status(folder: Path) -> str:
    found = status(folder)
    return f"running, process {found.pid}" if found.running else ""


def _stop(folder: Path) -> str:
    return "stopped" if stop(folder) else ""


def _url(folder: Path) -> str:
    server = status(folder).server
    return server.url(OWNER, DATABASE) if server else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
