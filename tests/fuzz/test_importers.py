"""Imports of any bytes: mutated files, by the command; refused in a sentence, or taken whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.db.rls import acting_as_system
from sessions_app.importers import FORMATS
from sessions_app.models import Item, ProjectCounter
from tests.conftest import Cast
from tests.doing import picture
from tests.fuzz.budget import budget, in_time

pytestmark = in_time()

RECORD = b"""---
status: accepted
date: 2026-01-05
deciders: [Ann, Bob]
---
# 1. One cluster

## Context and problem statement

There were two, and nobody knew which.

## Decision

We keep one, \xe2\x80\x9cthe big one\xe2\x80\x9d. Supersedes [2](0002-two.md).
"""
LINE = {
    "id": "w-1",
    "title": "Idea",
    "description": "What we know of it.",
    "status": "open",
    "issue_type": "task",
    "created_at": "2026-01-05T10:00:00Z",
    "dependencies": [{"issue_id": "w-1", "depends_on_id": "w-0", "type": "blocks"}],
}
LOG = b"\n".join(json.dumps(LINE | {"id": f"w-{number}"}).encode() for number in range(4))

STATES = ("exploring", "decided", "parked")

# What a file is broken with.
PIECES = st.one_of(
    st.sampled_from(
        [b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r", b"\n\n", b"---\n", b"# ", b'"']
    ),
    st.sampled_from(
        [b"\\u0000", b"\\ud800", b"1e400", b"NaN", b"-0", b"date: 0001-01-01", b"&a [*a]", b'"w-1"']
    ),
    st.sampled_from(
        [b"9" * 5_000, b"[" * 100_000, b'{"a":' * 2_000, b"x" * 70_000, b'"id": 5', b'"title": null']
    ),
    st.binary(max_size=12),
)
ENCODINGS = ("utf-8", "utf-16", "latin-1", "cp037")


def broken(whole: bytes) -> st.SearchStrategy[bytes]:
    """A real file with pieces put in or over, cut off, or in another encoding."""
    cuts = st.lists(st.tuples(st.integers(0, len(whole)), st.integers(0, 30), PIECES), max_size=4)
    return st.builds(mutated, st.just(whole), cuts, st.integers(0, len(whole)), st.sampled_from(ENCODINGS))


def mutated(whole: bytes, cuts: list[tuple[int, int, bytes]], missing: int, encoding: str) -> bytes:
    """Replace so many bytes at each place, leave out some at the end, say it in the encoding."""
    for place, length, piece in cuts:
        whole = whole[:place] + piece + whole[place + length :]
    # Most files are whole.
    whole = whole[: len(whole) - missing] if missing % 5 == 0 else whole
    return whole if encoding == "utf-8" else whole.decode("utf-8", "replace").encode(encoding, "replace")


@contextmanager
def source(kind: str, files: dict[str, bytes]) -> Iterator[Path]:
    """What the command is given: a folder of records, or one log."""
    with TemporaryDirectory() as folder:
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
        yield Path(folder) if kind == "adr" else Path(folder, "work.jsonl")


def check_import(cast: Cast, kind: str, files: dict[str, bytes], *, skips: bool) -> None:
    """It is refused in a sentence and leaves everything as it was, or all of it is there."""
    out, err = StringIO(), StringIO()
    options = {"project": f"Any {uuid4()}", "owner": cast.ann.email, "json": True, "skip_bad": skips}
    before = picture()
    with source(kind, files) as path:
        try:
            call_command("import_project", path, format=kind, stdout=out, stderr=err, **options)
        except (CommandError, SystemExit) as refused:
            said = json.loads(out.getvalue()) if out.getvalue() else {"errors": [{"what": str(refused)}]}
            assert all(error["what"].strip() for error in said["errors"]), said
            assert all(":" in error["where"] or kind == "adr" for error in said["errors"] if "where" in error)
            assert picture() == before, "nothing half written"
        else:
            check_taken(kind, json.loads(out.getvalue()))


def check_taken(kind: str, told: dict[str, Any]) -> None:
    """What it says it did is there, and the project's counters know of it."""
    project_id = UUID(told["project"])
    with acting_as_system([project_id]):
        imported = Item.objects.filter(import_key__startswith=f"{kind}:").count()
        states = [Item.objects.filter(state=state).count() for state in STATES]
        counts = ProjectCounter.objects.get(project_id=project_id)
    assert imported == told["added"], told
    assert imported + len(told["errors"]) + told["skipped"] <= told["read"], told
    assert states == [counts.exploring, counts.decided, counts.parked]


@budget(25)
@given(broken(LOG), st.booleans())
def test_any_log_is_taken_whole_or_refused(cast: Cast, data: bytes, skips: bool) -> None:
    check_import(cast, "beads", {"work.jsonl": data}, skips=skips)


@budget(25)
@given(st.lists(broken(RECORD), min_size=1, max_size=3), st.booleans())
def test_any_records_are_taken_whole_or_refused(cast: Cast, files: list[bytes], skips: bool) -> None:
    named = {f"000{number}-any.md": data for number, data in enumerate(files, start=1)}
    check_import(cast, "adr", named, skips=skips)


def test_every_format_is_tried() -> None:
    assert set(FORMATS) == {"adr", "beads"}
