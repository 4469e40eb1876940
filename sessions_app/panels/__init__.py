"""The live panels. Each module names itself, its partial, and what the partial is given."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Protocol

from sessions_app.panels import (
    blockers,
    changes,
    chat,
    header,
    items,
    presence,
    questions,
    stats,
    steps,
    unseen,
)
from sessions_app.panels.texts import VERSION, Choosing
from sessions_app.panels.viewing import Viewing


class Panel(Protocol):
    NAME: str
    TEMPLATE: str
    # Which facts change it, by the beginnings of their kinds.
    FOLLOWS: tuple[str, ...]

    def key(self, view: Viewing) -> Hashable:
        """What its HTML differs by, beside what every panel's does (panels/shared.py): as little as is true.

        What it reads from the database is told by the project's version, and by `view.members` where
        people are named. `view` is at the version since which nothing happened that the panel follows.
        """

    def context(self, view: Viewing) -> dict[str, Any]:
        """What the panel's partial is given beside the common context."""


PANELS: dict[str, Panel] = {
    panel.NAME: panel
    for panel in (header, presence, stats, questions, unseen, steps, blockers, changes, items, chat)
}
# What concerns the project or its members may change anything: its state, one's role, names.
_CONCERNS_ALL = ("project.", "member.")


def following(kinds: Iterable[str]) -> set[str]:
    """The names of the panels that facts of these kinds may have changed."""
    happened = tuple(kinds)
    if any(kind.startswith(_CONCERNS_ALL) for kind in happened):
        return set(PANELS)
    return {
        name for name, panel in PANELS.items() if any(kind.startswith(panel.FOLLOWS) for kind in happened)
    }


def common(view: Viewing) -> dict[str, Any]:
    """What every page of a project is given."""
    return common_to_all(view) | {
        "me": view.me,
        "choosing": Choosing(view.reader),
        "version": view.version,
        "epoch": view.epoch,
    }


def common_to_all(view: Viewing) -> dict[str, Any]:
    """What every panel's partial is given."""
    return {
        "membership": view.membership,
        "project": view.project,
        "summary": view.summary,
        "version": VERSION,
        "hides_agents": view.me.hides_agents,
    }
