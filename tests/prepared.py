"""What every run would make anew from the same sources: a migrated database, and an installation.

Each is made once, under a name that changes with these sources and the month, and kept in the tests' data
folder; who needs one gets a copy.
"""

from __future__ import annotations

import functools
import hashlib
import shutil
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from sessions_app import clock, embedded
from sessions_app.embedded.lock import only_one
from sessions_app.management.backup.databases import drop_by_force
from tests.running import ROOT, serving

# What is run when a database is set up and at a first start, and what they are set up by.
SOURCES = (
    "requirements.txt",
    "config",
    "sessions_app/db",
    "sessions_app/embedded",
    "sessions_app/first_owner.py",
    "sessions_app/jobs",
    "sessions_app/management",
    "sessions_app/migrations",
    "sessions_app/models",
    "sessions_app/sql",
)
DATABASE_PREFIX = "test_migrated_"
# Another run makes it meanwhile.
PATIENCE_SECONDS = 280


def install(data_dir: Path) -> None:
    """Make a data folder as the product's first start leaves it, without an account."""
    with _alone():
        subprocess.run(["cp", "-a", str(_installation()), str(data_dir)], check=True)


def make_database(owner: BaseDatabaseWrapper, name: str) -> None:
    """Make a migrated database in place of what an earlier run left, and lead the connection there."""
    with _alone():
        template = _migrated(owner)
        with owner._nodb_cursor() as cursor:
            drop_by_force(cursor.connection, name)
            cursor.execute(f"create database {name} template {template}")
    owner.settings_dict["NAME"] = name


def _installation() -> Path:
    """The folder to copy from; a product of other sources that is there gives way."""
    kept = settings.DATA_DIR / "installed"
    if not (home := kept / _fingerprint()).exists():
        shutil.rmtree(kept, ignore_errors=True)
        making = kept / "unfinished"
        making.mkdir(parents=True)
        for folder in (kept, making):
            # The server's own system user must be able to pass through.
            folder.chmod(0o755)
        try:
            with serving(making / "data", EMBEDDED_POSTGRES_FAST_UNSAFE="1"):
                pass
        finally:
            embedded.stop(making / "data" / "postgres")
        making.rename(home)
    return home / "data"


def _migrated(owner: BaseDatabaseWrapper) -> str:
    """The name of the database to copy; one of other sources that is there gives way."""
    name, making = f"{DATABASE_PREFIX}{_fingerprint()}", f"{DATABASE_PREFIX}unfinished"
    with owner._nodb_cursor() as cursor:
        cursor.execute("select datname from pg_database where starts_with(datname, %s)", [DATABASE_PREFIX])
        if name not in (found := [row[0] for row in cursor.fetchall()]):
            for old in found:
                drop_by_force(cursor.connection, old)
            owner.settings_dict["TEST"]["NAME"] = making
            owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            owner.close()
            cursor.execute(f"alter database {making} rename to {name}")
    return name


@functools.cache
def _fingerprint() -> str:
    # What is kept by months has those to come made with the database: a few.
    found = hashlib.sha256(f"{clock.now():%Y-%m}".encode())
    for source in (ROOT / name for name in SOURCES):
        for path in sorted(source.rglob("*.*")) if source.is_dir() else [source]:
            if path.suffix in (".py", ".sql", ".txt"):
                found.update(path.read_bytes())
    return found.hexdigest()[:12]


def _alone() -> AbstractContextManager[None]:
    return only_one(settings.DATA_DIR / "prepared.lock", seconds=PATIENCE_SECONDS)
