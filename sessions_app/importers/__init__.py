"""A file format in, plain rows out. Reads only; what to do with the rows is the caller's decision."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from sessions_app.importers.adr import read_adr
from sessions_app.importers.beads import read_beads
from sessions_app.importers.rows import ImportFormatError, ItemRow, Problem, Reading
from sessions_app.importers.texts import shown

__all__ = ["FORMATS", "ImportFormatError", "ItemRow", "Problem", "Reading", "read"]

FORMATS = {"adr": read_adr, "beads": read_beads}

EXPECTED = "Expected a folder of decision records (adr) or a .jsonl work log (beads)."


def read(
    path: Path,
    format: str | None = None,  # noqa: A002 - the word people type on the command line
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Reading:
    """Read a folder or a file into plain rows.

    Args:
        path: a folder (adr) or a file (beads).
        format: "adr", "beads", or None to tell from the path.
        progress: called as (done, total) after each file (adr) or line (beads).

    Returns:
        The rows, and an account of everything that did not become one. A bad record never raises: it is a
        `Problem` naming its place, and the caller decides whether the others may go ahead.

    Raises:
        ImportFormatError: the path as a whole is nothing this can read; its text says what is expected.
    """
    kind = format or _detect(path)
    if kind not in FORMATS:
        raise ImportFormatError(f"{shown(kind)} is not a format. {EXPECTED}")
    return FORMATS[kind](path, progress)


def _detect(path: Path) -> str:
    if os.path.isdir(path):
        return "adr"
    if not os.path.exists(path):
        raise ImportFormatError(f"{shown(str(path))} does not exist. {EXPECTED}")
    if path.suffix.lower() == ".jsonl":
        return "beads"
    raise ImportFormatError(f"{shown(str(path))} is neither a folder nor a .jsonl file. {EXPECTED}")
