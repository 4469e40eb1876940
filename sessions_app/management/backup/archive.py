"""The file of a back-up: written whole or not at all, and read with suspicion."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from itertools import takewhile
from pathlib import Path
from typing import IO, Annotated

from django.conf import settings
from django.core.management.base import CommandError
from pydantic import Field, TypeAdapter, ValidationError

from sessions_app.db.catalog import Schema

FORMAT = "leftoff back-up 1"
DUMP, MANIFEST = "database.dump", "manifest.json"
# What a file is called while it is written. One that nobody has written to for so long was left by a killed
# back-up: the longest time without a write is the one in which the file is read again.
DRAFT_BEGIN, DRAFT_END = ".leftoff-backup.", ".unfinished"
ABANDONED_SECONDS = 6 * 3600


@dataclass(frozen=True)
class Manifest:
    """What a file says of itself."""

    format: str
    made_at: str
    # The server's, "18.4", and the major version of the pg_dump that read it.
    postgres: Annotated[str, Field(pattern=r"^\d+")]
    dumped_by: int
    # The role that the tables belong to.
    owner: str
    # "app.name" of each that was applied.
    migrations: list[str]
    # By table: how many rows the file holds.
    rows: dict[str, int]
    # Tables whose rows are not in it.
    left_out: list[str]
    schema: Schema
    # Tells the key apart that seals mails and webhooks' secrets, and tells nothing else of it.
    key: str

    @property
    def major(self) -> int:
        # Before a release it is "19beta1".
        return int("".join(takewhile(str.isdigit, self.postgres)))


def key_fingerprint() -> str:
    """Of SECRET_KEY, which is too long to be found by trying."""
    return hashlib.sha256(f"the key of a back-up\0{settings.SECRET_KEY}".encode()).hexdigest()[:16]


@contextmanager
def draft_of(file: Path) -> Iterator[Path]:
    """A file of another name in the same folder, for this user only, that becomes `file` when the block ends.

    After an error it is gone; what killed back-ups left in that folder goes first. Raises CommandError when
    `file` is there already or cannot be written.
    """
    if file.exists():
        raise _taken(file)
    try:
        _remove_abandoned(file.parent)
        descriptor, name = tempfile.mkstemp(prefix=DRAFT_BEGIN, suffix=DRAFT_END, dir=file.parent)
    except OSError as trouble:
        raise CommandError(f"{file} cannot be written: {trouble.strerror}.") from trouble
    os.close(descriptor)
    draft = Path(name)
    try:
        yield draft
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        _name(draft, file)
    except OSError as trouble:
        raise CommandError(f"{file} cannot be written: {trouble.strerror}.") from trouble
    finally:
        draft.unlink(missing_ok=True)


def _remove_abandoned(folder: Path) -> None:
    for draft in folder.glob(f"{DRAFT_BEGIN}*{DRAFT_END}"):
        # Another back-up may remove it at the same moment.
        with suppress(FileNotFoundError):
            if time.time() - draft.stat().st_mtime > ABANDONED_SECONDS:
                draft.unlink()


def _name(draft: Path, file: Path) -> None:
    """Give the finished file its name, for good. Never over another back-up's that was faster."""
    try:
        os.link(draft, file)
    except FileExistsError:
        raise _taken(file) from None
    except OSError:
        # A disk without hard links, as a stick has: a rename would take the place of another silently.
        if file.exists():
            raise _taken(file) from None
        draft.rename(file)
    if os.name == "posix":
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _taken(file: Path) -> CommandError:
    return CommandError(f"{file} is there already. Nothing is written over; choose another --output.")


@contextmanager
def writing(draft: Path, manifest: Manifest) -> Iterator[IO[bytes]]:
    """Write the manifest, and yield where the dump goes."""
    with zipfile.ZipFile(draft, "w") as zipped:
        zipped.writestr(MANIFEST, json.dumps(asdict(manifest)), zipfile.ZIP_DEFLATED)
        # The dump is compressed already. It may be larger than 4 GB, which is not known beforehand.
        with zipped.open(DUMP, "w", force_zip64=True) as dump:
            yield dump


def read_manifest(file: Path) -> Manifest:
    """Raises CommandError for a file that is not a whole back-up of ours, or of an unknown format."""
    with _opened(file) as zipped:
        try:
            text = zipped.read(MANIFEST)
            told = json.loads(text)
            zipped.getinfo(DUMP)
        except (KeyError, ValueError) as bad:
            raise CommandError(f"{file} is a zip file, but not a back-up of Leftoff.") from bad
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise CommandError(
            f"{file} is not a back-up that this release can read: its format is not “{FORMAT}”."
        )
    names = {field.name for field in fields(Manifest)}
    if unknown := sorted(told.keys() - names):
        raise CommandError(f"{file} is not of this release: its manifest also tells {', '.join(unknown)}.")
    if missing := sorted(names - told.keys()):
        raise CommandError(f"{file} is damaged: its manifest lacks {', '.join(missing)}.")
    try:
        return TypeAdapter(Manifest).validate_json(text, strict=True)
    except ValidationError as bad:
        wrong = ", ".join(sorted({str(error["loc"][0]) for error in bad.errors()}))
        raise CommandError(f"{file} is damaged: its manifest does not tell {wrong} rightly.") from bad


@contextmanager
def reading(file: Path) -> Iterator[IO[bytes]]:
    """The dump in a file. Raises CommandError when it is damaged, at its end at the latest."""
    with _opened(file) as zipped, zipped.open(DUMP) as dump:
        yield dump


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as zipped:
            yield zipped
    except FileNotFoundError as missing:
        raise CommandError(f"There is no file {file}.") from missing
    except OSError as trouble:
        raise CommandError(f"{file} cannot be read: {trouble.strerror}.") from trouble
    # The last two: a way to compress, or a password, that no back-up has.
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError) as bad:
        raise CommandError(f"{file} is not a whole back-up: {bad}.") from bad
