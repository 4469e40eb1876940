"""How much processor time processes took: a busy machine disturbs it less than time by the clock."""

from __future__ import annotations

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def seconds_of(pid: int) -> float:
    """What one process has used so far."""
    return _used(_fields(pid)[11:13])


def seconds_of_family(pid: int) -> float:
    """What a process, those it started and those of them that have ended have used so far."""
    others = [_fields(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    children = [fields for fields in others if fields and int(fields[1]) == pid]
    return _used(_fields(pid)[11:15]) + sum(_used(fields[11:13]) for fields in children)


def _used(ticks: list[str]) -> float:
    return sum(map(int, ticks)) / _TICK


def _fields(pid: int) -> list[str]:
    """Those of /proc/…/stat that follow the program's name: its state, its parent, …; none once it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
