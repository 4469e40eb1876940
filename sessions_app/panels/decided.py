"""The items that were decided since last time: the list behind the first count and its split."""

from __future__ import annotations

from typing import Any

from sessions_app.models import Item
from sessions_app.models.items import ItemQuerySet, State
from sessions_app.panels import spans
from sessions_app.panels.items import parse_cursor
from sessions_app.panels.viewing import Viewing

SPANS = ("all", "since", "last", "away", "now")
DECIDED_A_PAGE = 50


def context(view: Viewing, span: str, *, by_agents: bool, older: str) -> dict[str, Any]:
    """`items` decided in a span, newest first, and `older`: the next page's cursor or "".

    With `by_agents` only what agents decided. Raises ValueError for no cursor.
    """
    low, high = spans.bounds(view.summary, span)
    found = Item.objects.in_state(State.DECIDED).filter(project_id=view.project_id, decided_version__gt=low)
    if high is not None:
        found = found.filter(decided_version__lte=high)
    if by_agents:
        found = found.exclude(state_by_agent="")
    rows, next_older = page(found, older, DECIDED_A_PAGE)
    return {"items": rows, "span": span, "by_agents": by_agents, "older": next_older}


def page(found: ItemQuerySet, older: str, most: int) -> tuple[list[Item], str]:
    """A page of these, the newest decision first, and the next page's cursor or "".

    Raises ValueError for no cursor.
    """
    if older:
        found = found.decided_before(*parse_cursor(older))
    rows = list(found.select_related("state_by").newest_decided_first()[: most + 1])
    last = rows[most - 1] if len(rows) > most else None
    return rows[:most], f"{last.decided_version}:{last.id}" if last else ""
