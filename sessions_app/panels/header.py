"""When you were here last, and what happened since, in a sentence."""

from __future__ import annotations

from typing import Any

from sessions_app.panels.viewing import Viewing

NAME = "header"
TEMPLATE = "panels/_header.html"
FOLLOWS = ("item.", "question.")


def context(view: Viewing) -> dict[str, Any]:
    """Nothing beyond the summary that every panel has."""
    return {}
