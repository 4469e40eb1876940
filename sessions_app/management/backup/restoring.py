"""Restore a back-up beside the old database, compare, and only then let it take the old one's place."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.core.management.base import CommandError
from django.db.migrations.loader import MigrationLoader

from sessions_app import clock
from sessions_app.db.catalog import Schema, schema
from sessions_app.db.lifetime import close_connections
from sessions_app.management.backup import archive, databases, inventory, programs, streams
from sessions_app.management.backup.addresses import Address

AFTERWARDS = Path(__file__).with_name("after_restore.sql")
Say = Callable[[str], object]
# What is the same by name in every version of PostgreSQL; how it is written down may differ.
KINDS_OF_ALL_VERSIONS = ("tables", "functions", "triggers", "policies")


@dataclass
class Restored:
    """A restore, or what one would do."""

    manifest: archive.Manifest
    # How many people, projects and tables of somebody else the old database holds.
    replaces: dict[str, int]
    # Sentences for the operator.
    notes: list[str]
    # The name under which the old database is kept; empty where it is not.
    kept_as: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timing(self, what: str) -> Iterator[None]:
        """Note how long a block takes."""
        started = time.monotonic()
        yield
        self.seconds[what] = round(time.monotonic() - started, 2)


def require_stopped(owner: Address) -> None:
    """Close this process's connections; raise CommandError when others have some to the database."""
    close_connections()
    with owner.to(databases.MAINTENANCE).connect() as server:
        databases.require_unused(server, owner.database)


def examine(file: Path, owner: Address, say: Say) -> Restored:
    """Read a whole back-up and look at where it shall go; nothing is changed.

    Raises CommandError for a file that is damaged or not for this release, this server or this owner.
    """
    manifest = archive.read_manifest(file)
    _require_known_migrations(manifest)
    with owner.connect() as connection:
        _require_place(manifest, owner, connection.info.server_version // 10_000)
        holdings = databases.holdings(connection, manifest.rows)
        looked = Restored(manifest, holdings, list(_notes(manifest)))
    say("Reading the file …")
    with looked.timing("read"):
        inventory.require_rows(file.name, inventory.rows_of_dump(file, manifest.dumped_by), manifest.rows)
    return looked


def restore(
    file: Path, owner: Address, looked: Restored, say: Say, *, before_swap: Callable[[], None]
) -> None:
    """Restore a back-up that `examine` looked at, and keep the old database under another name.

    `before_swap` is called when all is ready, before the one change takes place that others can see. Raises
    CommandError when it fails; the old database is as it was then.
    """
    with databases.made_like(owner, databases.named_after(owner.database, "_restoring")) as fresh:
        say(f"Restoring {sum(looked.manifest.rows.values())} rows …")
        with looked.timing("restore"):
            _fill(file, looked.manifest, fresh)
        say("Comparing it with the file …")
        with looked.timing("compare"):
            _compare(looked.manifest, fresh)
            _settle(fresh)
        _require_same_holdings(owner, looked)
        aside = databases.named_after(owner.database, f"_before_{clock.now():%Y%m%d_%H%M%S}")
        before_swap()
        databases.put_in_place(owner, fresh.database, aside)
        looked.kept_as = aside


def discard(owner: Address, restored: Restored) -> None:
    """Drop the old database after a restore. Raises CommandError that says where it still is."""
    try:
        databases.drop(owner, restored.kept_as)
    except CommandError as trouble:
        raise CommandError(
            f"The back-up is restored, but the old database is still there as {restored.kept_as}: {trouble}"
        ) from trouble
    restored.kept_as = ""


def _require_same_holdings(owner: Address, looked: Restored) -> None:
    """What somebody agreed to replace may have become another database while this one was filled."""
    with owner.connect() as connection:
        if databases.holdings(connection, looked.manifest.rows) != looked.replaces:
            raise CommandError(
                f"The database {owner.database} holds something else than when the restore began. "
                "Nothing was changed."
            )


def _require_known_migrations(manifest: archive.Manifest) -> None:
    known = _known_migrations()
    apps = {name.partition(".")[0] for name in known}
    unknown = [name for name in manifest.migrations if name not in known and name.partition(".")[0] in apps]
    if unknown:
        raise CommandError(
            f"The back-up was made by a newer release: this one does not know {', '.join(unknown)}. "
            "Restore it with that release."
        )


def _known_migrations() -> set[str]:
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def _require_place(manifest: archive.Manifest, owner: Address, major: int) -> None:
    if major < manifest.major:
        raise CommandError(
            f"The back-up is of PostgreSQL {manifest.postgres}, and this server is version {major}: "
            "it may not understand it. Restore it on a server of the same version or a later one."
        )
    if manifest.owner != owner.role:
        raise CommandError(
            f"The tables in the back-up belong to the role {manifest.owner}, and the owner here is "
            f"{owner.role}: sign in as {manifest.owner} in DATABASE_OWNER_URL."
        )


def _notes(manifest: archive.Manifest) -> Iterator[str]:
    if manifest.key != archive.key_fingerprint():
        yield (
            "SECRET_KEY is another one than when the back-up was made: mails that wait and webhooks' secrets "
            "in it cannot be opened, and links that were mailed are no good. Put the old key back before you "
            "serve."
        )
    if newer := len(_known_migrations() - set(manifest.migrations)):
        yield f"An earlier release made it: the next `serve` or `migrate` applies {newer} migrations."


def _fill(file: Path, manifest: archive.Manifest, fresh: Address) -> None:
    with fresh.connect() as connection:
        major = connection.info.server_version // 10_000
    program = programs.find("pg_restore", max(major, manifest.dumped_by))
    command: list[str | Path] = [program.path, "--exit-on-error", f"--dbname={fresh.conninfo}"]
    with archive.reading(file) as dump, streams.feeding(command, fresh.environment, dump) as said:
        said.read()


def _compare(manifest: archive.Manifest, fresh: Address) -> None:
    with fresh.connect() as connection:
        inventory.require_rows("The restored database", inventory.rows_of_database(connection), manifest.rows)
        same_version = connection.info.server_version // 10_000 == manifest.major
        wrong = _differences(manifest.schema, schema(connection), same_version=same_version)
    if wrong:
        raise CommandError(f"The restored database differs from the back-up in {inventory.some(wrong)}.")


def _differences(told: Schema, found: Schema, *, same_version: bool) -> list[str]:
    kinds = told if same_version else KINDS_OF_ALL_VERSIONS
    return [
        f"{kind}: {name}"
        for kind in kinds
        for name in sorted(told[kind].keys() | found[kind].keys())
        if (name in told[kind]) != (name in found[kind])
        or (same_version and _plain(told[kind][name]) != _plain(found[kind][name]))
    ]


def _plain(told: object) -> str:
    """What a definition says: PostgreSQL moves casts and parentheses when it reads its own words."""
    return re.sub(r"[()]|::[a-z ]+(\[\])?", "", json.dumps(told))


def _settle(fresh: Address) -> None:
    """Mend what was true of the back-up's moment only, and let the planner know what there is."""
    with fresh.connect() as connection:
        with connection.transaction():
            connection.execute(AFTERWARDS.read_bytes())
        connection.execute("analyze")
