"""The data folder: room on its disk, and whose eyes it is open to."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from sessions_app import embedded
from sessions_app.management.doctor.finding import Finding, ok, problem, warning

GIGABYTE = 1024**3
# Below the first PostgreSQL may stop in the middle of a busy day, below the second within hours.
WARNING_BYTES, PROBLEM_BYTES = 2 * GIGABYTE, GIGABYTE // 4


def look_at_folder() -> Iterator[Finding]:
    """The disk the data lies on; with the embedded server also the server's own folder."""
    if not settings.IS_EMBEDDED:
        yield ok("the database has a server of its own: its disk is looked after there")
        return
    folder = Path(settings.DATA_DIR)
    if not folder.exists():
        yield ok(f"{folder} is made at the first start")
        return
    free = shutil.disk_usage(folder).free
    if free < WARNING_BYTES:
        make = problem if free < PROBLEM_BYTES else warning
        yield make(
            f"{free / GIGABYTE:.1f} GB are free in {folder}",
            "a full disk stops the database",
            "make room, or move DATA_DIR; `manage.py prune --dry-run` says what could go",
        )
    else:
        yield ok(f"{free / GIGABYTE:.1f} GB are free in {folder}")
    yield from _embedded_server(folder / "postgres")


def _embedded_server(data_dir: Path) -> Iterator[Finding]:
    cluster = data_dir
    if cluster.exists() and stat.S_IMODE(cluster.stat().st_mode) & 0o007:
        yield problem(
            f"{cluster} is open to other users of this machine",
            "PostgreSQL refuses to start, and its files can be read past every policy",
            f"chmod 700 {cluster}",
        )
        return
    state = embedded.status(cluster)
    if state.initialised:
        yield ok(f"the embedded server is {'running' if state.running else 'not running: commands start it'}")
