"""The live panels. Each module names itself, its partial, and what the partial is given."""

from __future__ import annotations

from typing import Any, Protocol

from sessions_app.panels import blockers, changes, chat, header, items, questions, stats, steps
from sessions_app.panels.viewing import Viewing


class Panel(Protocol):
    NAME: str
    TEMPLATE: str

    def context(self, view: Viewing) -> dict[str, Any]:
        """What the panel's partial is given beside the common context."""


PANELS: dict[str, Panel] = {
    panel.NAME: panel for panel in (header, stats, questions, steps, blockers, changes, items, chat)
}


def common(view: Viewing) -> dict[str, Any]:
    """What every partial is given."""
    return {
        "me": view.me,
        "membership": view.membership,
        "project": view.project,
        "summary": view.summary,
        "version": view.version,
    }


def page_context(view: Viewing) -> dict[str, Any]:
    """The context of the whole project page: all panels at one version."""
    context = common(view)
    for panel in PANELS.values():
        context |= panel.context(view)
    return context
