"""Reads a folder of decision records, one Markdown file each."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sessions_app.importers.adr_record import Parts, take_apart
from sessions_app.importers.adr_status import Status, read_status
from sessions_app.importers.rows import (
    KEY_MAX,
    RECORD_MAX_BYTES,
    BadRecord,
    Draft,
    ImportFormatError,
    ItemRow,
    Problem,
    Reading,
)
from sessions_app.importers.texts import printable, shown, unstorable, utc

# "012-one-cluster", "ADR-5_name"; a date in front ("2022-09-22-name", "20220922-name") is no number.
# "2fa-login" has none either.
_NUMBERED = re.compile(r"(?:adr[-_ ]?)?(\d{1,5})(?!-\d\d-\d\d)(?:[-_. ]+(.*))?$", re.IGNORECASE | re.ASCII)

# Names of files that are about the records: "README.de", "adr-template-bare". Numbered, only the bare word
# is one: "012-email-template" may well be a record. "0000-template" has no number to speak of.
_ABOUT = re.compile(r"(?:(readme)(?:[._-]\w\w)?|(index)|(?:.+[-_ ])?(template))$", re.IGNORECASE)
_TEMPLATE_START = re.compile(r"(?:adr[-_ ])?template[-_. ]", re.IGNORECASE)

NOT_A_RECORD = "not a record"


def read_adr(folder: Path, progress: Callable[[int, int], None]) -> Reading:
    """Read a folder of decision records, and the folders in it.

    Args:
        folder: the folder. Links in it are not followed, hidden folders not entered.
        progress: called as (done, total) files.

    Returns:
        Rows for the records; other files counted as skipped; unreadable ones as problems.

    Raises:
        ImportFormatError: there is no such folder, or it cannot be listed.
    """
    if not os.path.isdir(folder):
        raise ImportFormatError(f"{shown(str(folder))} is not a folder. The adr format is a folder of files.")
    draft = Draft()
    files = _find(folder, draft)
    keys = _keys([file for file in files if not file.no_record])
    for done, file in enumerate(files, start=1):
        try:
            _add(draft, file, keys)
        except BadRecord as bad:
            draft.problems.append(Problem(file.where, str(bad)))
        progress(done, len(files))
    return draft.finish()


@dataclass(frozen=True)
class _File:
    path: Path
    inside: str  # the path inside the folder, with "/"

    @property
    def where(self) -> str:
        return printable(self.inside)

    @property
    def stem(self) -> str:
        return self.path.stem

    @property
    def number(self) -> int | None:
        match = _NUMBERED.match(self.stem)
        return int(match[1]) if match else None

    @property
    def slug(self) -> str:
        match = _NUMBERED.match(self.stem)
        return match[2] or "" if match else self.stem

    @cached_property
    def no_record(self) -> str:
        """Why the file cannot be a record, going by its name; empty if it can."""
        if os.path.islink(self.path):  # it may leave the folder, or name a record a second time
            return "link"
        about = _ABOUT.match(self.slug)
        if about and (not self.number or about[0] == about[about.lastindex or 0]):
            return about[about.lastindex or 0].lower()
        return "template" if not self.number and _TEMPLATE_START.match(self.slug) else ""


def _find(folder: Path, draft: Draft) -> list[_File]:
    def unlisted(error: OSError) -> None:
        inside = os.path.relpath(error.filename, folder)
        if inside == ".":
            raise ImportFormatError(f"{shown(str(folder))} cannot be listed: {error.strerror}.") from error
        draft.problems.append(Problem(printable(inside), f"The folder cannot be listed: {error.strerror}."))

    files = []
    for here, folders, names in os.walk(folder, onerror=unlisted, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(here, name)
            if path.suffix.lower() == ".md" and not name.startswith("."):
                files.append(_File(path, path.relative_to(folder).as_posix()))
    return files


def _keys(files: list[_File]) -> dict[str, str]:
    """A key per file: the first of number, name and path that no other file has.

    The number comes first because it survives a better name; 12 and 0012 are the same.
    """
    ways: list[Callable[[_File], str]] = [
        lambda file: "" if file.number is None else str(file.number),
        lambda file: file.stem.lower(),
        lambda file: file.inside[:-3].lower(),
    ]
    counts = [Counter(way(file) for file in files) for way in ways]
    keys = {}
    for file in files:
        names = (way(file) for way, count in zip(ways, counts, strict=True) if count[way(file)] == 1)
        keys[file.inside] = next((name for name in names if name), file.inside)
    return keys


def _add(draft: Draft, file: _File, keys: dict[str, str]) -> None:
    if file.no_record:
        draft.skipped[file.no_record] += 1
        return
    parts = take_apart(_text(file.path), file.slug)
    if file.number is None and parts.status is None:
        draft.skipped[NOT_A_RECORD] += 1
        return
    key = keys[file.inside]
    if len(key) > KEY_MAX:
        raise BadRecord(f"The path is longer than {KEY_MAX} characters.")
    if unstorable(key):
        raise BadRecord("The file name is not UTF-8.")
    draft.rows.append(_row(draft, file, key, parts))


def _text(path: Path) -> str:
    if not os.path.isfile(path):  # a pipe would wait forever
        raise BadRecord("This is not a file.")
    try:
        # Between the check above and here the file may have become a link.
        with open(path, "rb", opener=_open_no_link) as opened:
            data = opened.read(RECORD_MAX_BYTES + 1)
    except OSError as error:
        raise BadRecord(f"The file cannot be read: {error.strerror}.") from error
    if len(data) > RECORD_MAX_BYTES:
        raise BadRecord(f"The file is larger than {RECORD_MAX_BYTES // 1_000_000} MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A byte order mark is taken off before the places are counted; it holds no line end.
        raise BadRecord(f"Line {data[: error.start].count(10) + 1} is not UTF-8.") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise BadRecord(f"Line {text[: text.index(chr(0))].count(chr(10)) + 1} contains a NUL character.")
    return text


def _open_no_link(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0))


def _row(draft: Draft, file: _File, key: str, parts: Parts) -> ItemRow:
    status = read_status(parts.status or [])
    if not status.known:
        said = shown(status.said.partition("\n")[0])
        what = f"Status {said} is not a known one; read as exploring."
        draft.unknown_statuses.append(Problem(file.where, what))
    date = utc(parts.date) if parts.date else None
    if parts.date and date is None:
        draft.notes.append(Problem(file.where, f"The date {shown(parts.date)} cannot be read; left empty."))
    return ItemRow(
        key=key,
        title=draft.fit("title", " ".join(parts.title.split()) or file.stem),
        text=draft.fit("text", _body(parts, status)),
        state=status.state,
        reason=draft.fit("reason", _reason(parts, status)),
        outcome=status.outcome,
        date=date,
        people=tuple(dict.fromkeys(draft.fit("people", name) for name in parts.people if name)),
        waits_for=(),
        where=file.where,
    )


def _body(parts: Parts, status: Status) -> str:
    """The text; while exploring, what the status says beyond its word would have no other place."""
    if status.state == "exploring" and status.remark:
        return f"Status: {status.said}\n\n{parts.text}".strip()
    return parts.text


def _reason(parts: Parts, status: Status) -> str:
    """Why. The remark goes first: "Rejected (see 19)" tells more than the decision that was rejected."""
    if status.state == "decided":
        return "\n\n".join(part for part in (status.remark, parts.decision) if part)
    return status.said if status.state == "parked" else ""
