"""Items that somebody names: only this project's."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sessions_app.models import Item
from sessions_app.models.projects import TITLE_MAX_CHARACTERS
from sessions_app.services.errors import Invalid
from sessions_app.services.texts import clean_line


def check_items(project_id: UUID, ids: Iterable[UUID], field: str) -> list[UUID]:
    """These items' ids, each once, in stable order. Raises Invalid for one that is not this project's."""
    wanted = set(ids)
    if not wanted:
        return []
    here = set(Item.objects.filter(project_id=project_id, id__in=wanted).values_list("id", flat=True))
    if unknown := wanted - here:
        raise Invalid(field, f"names {min(unknown)}, which is no item of this project.")
    return sorted(here)


def find_item(project_id: UUID, typed: str, field: str) -> UUID:
    """The item that a person means by what they typed: its id, or its title.

    Raises Invalid naming the field when there is none of this title, or more than one.
    """
    try:
        return UUID(typed)
    except ValueError:
        pass
    title = clean_line(typed, field, most=TITLE_MAX_CHARACTERS)
    found = Item.objects.filter(project_id=project_id, title__iexact=title).values_list("id", flat=True)[:2]
    if len(found) > 1:
        raise Invalid(field, "is the title of several items: give the id in its address instead.")
    if not found:
        raise Invalid(field, "must be the title of an item of this project.")
    return found[0]
