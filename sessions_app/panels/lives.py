"""How well decisions hold, by how long each stood."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sessions_app.insights.stability import End, Life, Stability, stability


def stability_of(rows: Iterable[Mapping[str, Any]]) -> Stability:
    """The figures of decisions; of each `end` the `stood_seconds` of those that came to it."""
    return stability(
        [
            Life(dt.timedelta(seconds=max(0.0, seconds)), End(row["end"]))
            for row in rows
            for seconds in row["stood_seconds"]
        ]
    )
