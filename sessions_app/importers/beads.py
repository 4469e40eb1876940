"""Reads beads, an agents' work log: JSON Lines, one record a line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from sessions_app.importers.jsonline import Record, parse
from sessions_app.importers.rows import (
    KEY_MAX,
    RECORD_MAX_BYTES,
    BadRecord,
    Draft,
    ImportFormatError,
    ItemRow,
    Problem,
    Reading,
    State,
)
from sessions_app.importers.texts import clip, printable, shown, utc

STATES: dict[str, State] = {
    "closed": "decided",
    "open": "exploring",
    "in_progress": "exploring",
    "hooked": "exploring",
    "pinned": "exploring",
    "blocked": "exploring",
    "deferred": "parked",
}
TOMBSTONE = "tombstone"
ITEM_TYPES = {"", "task", "bug", "feature", "epic", "chore"}

# The other long fields of a record, in the order people read them, each under its own heading.
MORE_TEXT = {"design": "Design", "acceptance_criteria": "Acceptance criteria", "notes": "Notes"}

BOM = b"\xef\xbb\xbf"

# Bytes per look while counting lines or passing over an endless one.
CHUNK = 1 << 20

# Go writes a time that was never set as year 1.
GO_ZERO_YEAR = 1


def read_beads(path: Path, progress: Callable[[int, int], None]) -> Reading:
    """Read a beads file.

    Args:
        path: the .jsonl file.
        progress: called as (done, total) lines.

    Returns:
        Rows for the items; tombstones as gone; other types counted as skipped; bad lines as problems.

    Raises:
        ImportFormatError: there is no such file, or it cannot be opened.
    """
    if not os.path.isfile(path):  # a folder, nothing at all, or a pipe that would wait forever
        raise ImportFormatError(f"{shown(str(path))} is not a file. The beads format is one .jsonl file.")
    log = _Log()
    try:
        with path.open("rb") as file:
            total = _count_lines(file)
            for number, line in enumerate(_lines(file), start=1):
                log.add(f"{printable(path.name)}:{number}", line)
                # An agent may be writing to the file meanwhile.
                progress(number, max(number, total))
    except OSError as error:
        raise ImportFormatError(f"{shown(str(path))} cannot be read: {error.strerror}.") from error
    return log.finish()


class _Log:
    """The records so far. Dependencies wait for the last line: a target may come after its source."""

    def __init__(self) -> None:
        self.draft = Draft()
        self.fates: dict[str, str] = {}  # id -> "item", "gone" or "skipped"
        self.places: dict[str, str] = {}
        self.edges: list[tuple[str, str]] = []

    def add(self, where: str, line: bytes | None) -> None:
        if line is not None and not line.strip():
            return
        try:
            self._add(where, line)
        except BadRecord as bad:
            self.draft.problems.append(Problem(where, str(bad)))

    def _add(self, where: str, line: bytes | None) -> None:
        if line is None:
            raise BadRecord(f"The line is longer than {RECORD_MAX_BYTES // 1_000_000} MB.")
        record = parse(line)
        key = self._key(record)
        status = record.text("status").strip().lower()
        if status == TOMBSTONE:
            self._place(key, where, "gone")
            self.draft.gone.append(key)
            return
        kind = record.text("issue_type").strip().lower()
        if kind not in ITEM_TYPES:
            self._place(key, where, "skipped")
            self.draft.skipped[clip(kind)] += 1
            return
        self._add_item(key, where, status, record)

    def _key(self, record: Record) -> str:
        key = record.text("id")
        if not key.strip():
            raise BadRecord("id is missing.")
        if len(key) > KEY_MAX:
            raise BadRecord(f"id is longer than {KEY_MAX} characters.")
        if key in self.places:
            raise BadRecord(f"id {shown(key)} is already used at {self.places[key]}.")
        return key

    def _place(self, key: str, where: str, fate: str) -> None:
        self.fates[key] = fate
        self.places[key] = where

    def _add_item(self, key: str, where: str, status: str, record: Record) -> None:
        # Everything that can be bad is read first, so that a bad record leaves no trace in the counts.
        title = " ".join(record.text("title").split())
        if not title:
            raise BadRecord("title is missing.")
        text, reason = _text(record), _newlines(record.text("close_reason")).strip()
        people = [record.text(name).strip() for name in ("assignee", "created_by")]
        when = _when(record, status)
        edges, ignored = _dependencies(key, record)
        state = STATES.get(status, "exploring")

        draft = self.draft
        self._place(key, where, "item")
        self.edges += edges
        draft.dependencies_ignored.update(ignored)
        if status not in STATES:
            said = f"Status {shown(status)} is not a known one" if status else "There is no status"
            draft.unknown_statuses.append(Problem(where, f"{said}; read as exploring."))
        date = utc(when) if when else None
        if when and date is None:
            draft.notes.append(Problem(where, f"The date {shown(when)} cannot be read; left empty."))
        draft.rows.append(
            ItemRow(
                key=key,
                title=draft.fit("title", title),
                text=draft.fit("text", text),
                state=state,
                reason=draft.fit("reason", _reason(state, reason, record)),
                outcome="",
                date=None if date and date.year == GO_ZERO_YEAR else date,
                people=tuple(dict.fromkeys(draft.fit("people", name) for name in people if name)),
                waits_for=(),
                where=where,
            )
        )

    def finish(self) -> Reading:
        waits: dict[str, dict[str, None]] = {key: {} for key, fate in self.fates.items() if fate == "item"}
        for source, target in self.edges:
            if dropped := self._why_dropped(source, target, waits):
                self.draft.dependencies_dropped[dropped] += 1
            else:
                waits[source][target] = None
        self.draft.rows = [replace(row, waits_for=tuple(waits[row.key])) for row in self.draft.rows]
        return self.draft.finish()

    def _why_dropped(self, source: str, target: str, waits: dict[str, dict[str, None]]) -> str | None:
        if source == target:
            return "self"
        for end in (source, target):
            fate = self.fates.get(end, "unknown")
            if fate != "item":
                return fate
        return "repeated" if target in waits[source] else None


def _count_lines(file: BinaryIO) -> int:
    """Lines in the file, which is left at its start."""
    total, last = 0, b"\n"
    while chunk := file.read(CHUNK):
        total += chunk.count(b"\n")
        last = chunk[-1:]
    file.seek(0)
    return total + (last != b"\n")


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Each line; None for one that is too long, which is passed over without being held in memory."""
    if file.read(len(BOM)) != BOM:
        file.seek(0)
    while line := file.readline(RECORD_MAX_BYTES + 1):
        if len(line) <= RECORD_MAX_BYTES or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(CHUNK)
        yield None


def _text(record: Record) -> str:
    parts = [record.text("description").strip()]
    for name, heading in MORE_TEXT.items():
        if more := record.text(name).strip():
            parts.append(f"## {heading}\n\n{more}")
    return _newlines("\n\n".join(part for part in parts if part))


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _when(record: Record, status: str) -> str:
    """When the item last changed state, as written: the closing, or else the last change."""
    names = ["closed_at"] if status == "closed" else []
    dates = [record.text(name).strip() for name in [*names, "updated_at", "created_at"]]
    return next(filter(None, dates), "")


def _reason(state: State, close_reason: str, record: Record) -> str:
    if state == "decided":
        return close_reason
    if state == "parked":
        # A beads record has no field for why it was deferred; people begin the notes with it.
        return close_reason or _newlines(record.text("notes")).strip().partition("\n\n")[0].rstrip()
    return ""


def _dependencies(key: str, record: Record) -> tuple[list[tuple[str, str]], list[str]]:
    """The "blocks" links as (who waits, for whom), and the kinds of all other links."""
    edges, ignored = [], []
    for link in record.records("dependencies"):
        kind = link.text("type").strip().lower()
        target = link.text("depends_on_id")
        if not kind or not target:
            raise BadRecord(f"{link.name}{'depends_on_id' if kind else 'type'} is missing.")
        if kind == "blocks":
            edges.append((link.text("issue_id") or key, target))
        else:
            ignored.append(clip(kind))
    return edges, ignored
