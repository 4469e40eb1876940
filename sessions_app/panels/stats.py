"""The four counts, each a door to the list it counts."""

from __future__ import annotations

from typing import Any

from sessions_app.panels.viewing import Viewing

NAME = "stats"
TEMPLATE = "panels/_stats.html"
FOLLOWS = ("item.", "question.")


def context(view: Viewing) -> dict[str, Any]:
    """Nothing beyond the summary that every panel has."""
    return {}
