"""The three-way split of what was decided: the slow, clear reference that the SQL is tested against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Split:
    """How many items were decided since last time, and when. The three parts add up to `total`."""

    total: int
    last_session: int
    away: int
    this_session: int


def split_decided(
    decided_versions: Iterable[int],
    base: int | None,
    last_end: int | None,
    current_start: int | None,
) -> Split:
    """Put each decision into the span it was made in (docs: the summary).

    `decided_versions`: for each item that is decided now, the project's version at its latest
    decision. `base`: the version in the snapshot of the last ended session, None without one; then
    all decided items count. `last_end`: the project's version when that session ended, looked at
    only with a `base`. `current_start`: the version in the active session's snapshot, None without
    one; then away runs to now. A decision at exactly a span's end belongs to that span.
    """
    last_session = away = this_session = 0
    for version in decided_versions:
        if base is not None and version <= base:
            continue
        if current_start is not None and version > current_start:
            this_session += 1
        elif base is not None and last_end is not None and version <= last_end:
            last_session += 1
        else:
            away += 1
    return Split(last_session + away + this_session, last_session, away, this_session)
