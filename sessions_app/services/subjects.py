"""Items that somebody names: only this project's."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sessions_app.models import Item
from sessions_app.services.errors import Invalid


def check_items(project_id: UUID, ids: Iterable[UUID], field: str) -> list[UUID]:
    """These items' ids, each once, in stable order. Raises Invalid for one that is not this project's."""
    wanted = set(ids)
    if not wanted:
        return []
    here = set(Item.objects.filter(project_id=project_id, id__in=wanted).values_list("id", flat=True))
    if unknown := wanted - here:
        raise Invalid(field, f"names {min(unknown)}, which is no item of this project.")
    return sorted(here)
