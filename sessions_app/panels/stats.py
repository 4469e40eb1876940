"""The four counts, each a door to the list it counts."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from django.urls import reverse

from sessions_app.models.items import State
from sessions_app.panels import items, questions
from sessions_app.panels.viewing import Viewing

NAME = "stats"
TEMPLATE = "panels/_stats.html"
FOLLOWS = ("item.", "question.")


def key(view: Viewing) -> Hashable:
    """The numbers."""
    summary = view.summary
    return (
        *(summary.is_first, summary.decided, summary.split),
        *(summary.exploring, summary.parked, summary.questions, summary.total),
    )


def context(view: Viewing) -> dict[str, Any]:
    """`doors`: where each number leads. Where this page shows all of it, to its place here."""
    summary, project_id = view.summary, view.project_id
    columns = reverse("item_column", args=[project_id])
    return {
        "doors": {
            "decided": reverse("project_decided", args=[project_id]),
            "exploring": _door(State.EXPLORING, summary.exploring, items.CARDS_A_PAGE, columns),
            "parked": _door(State.PARKED, summary.parked, items.CARDS_A_PAGE, columns),
            "questions": "#questions"
            if summary.questions <= questions.MOST_SHOWN
            else reverse("questions", args=[project_id]),
        }
    }


def _door(state: State, number: int, shown: int, columns: str) -> str:
    return f"#{state}" if number <= shown else f"{columns}?state={state}"
