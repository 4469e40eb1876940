"""What an item waits for and what it holds up, a page at a time: what was said first comes first."""

from __future__ import annotations

from uuid import UUID

from sessions_app.models import ItemDependency
from sessions_app.panels.paging import Counted, oldest_page


def waits_for(project_id: UUID, item_id: UUID, *, after: str = "", most: int) -> Counted[ItemDependency]:
    """What the item waits for, each `blocking`. Raises ValueError for a cursor that is none."""
    found = ItemDependency.objects.filter(project_id=project_id, waiting_id=item_id)
    return Counted(*oldest_page(found.select_related("blocking"), "created_at", after, most), found)


def holds_up(project_id: UUID, item_id: UUID, *, after: str = "", most: int) -> Counted[ItemDependency]:
    """What waits for the item, each `waiting`. Raises ValueError for a cursor that is none."""
    found = ItemDependency.objects.filter(project_id=project_id, blocking_id=item_id)
    return Counted(*oldest_page(found.select_related("waiting"), "created_at", after, most), found)
