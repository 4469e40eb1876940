"""A person's looks at the decisions of others: accepted, one by one, for themselves."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from sessions_app import clock
from sessions_app.models import DecisionLook, Item
from sessions_app.services.errors import Conflict
from sessions_app.services.items import get_item
from sessions_app.services.personal import locked_membership, note_changed


def accept_decision(user_id: UUID, project_id: UUID, item_id: UUID, decided_version: int) -> Item:
    """Note that this person accepts the decision of an item that was made at `decided_version`.

    Accepting twice is once. Returns the item. Raises NotFound; Conflict with the item when it is decided
    no more, or was decided again meanwhile: that is another decision.
    """
    with transaction.atomic():
        membership = locked_membership(user_id, project_id)
        item = get_item(project_id, item_id)
        if not item.is_decided:
            raise Conflict("It is not decided any more.", current=item)
        if item.decided_version != decided_version:
            raise Conflict("It was decided again since you looked.", current=item)
        look = DecisionLook.objects.filter(membership=membership, item=item).first()
        if look is None or look.decided_version != decided_version:
            DecisionLook.objects.update_or_create(
                project_id=project_id,
                membership=membership,
                item=item,
                defaults={"decided_version": decided_version, "created_at": clock.now()},
            )
            note_changed(membership)
    return item


def take_back(user_id: UUID, project_id: UUID, item_id: UUID) -> None:
    """Take an acceptance back; taking back none is fine. Raises NotFound."""
    with transaction.atomic():
        membership = locked_membership(user_id, project_id)
        get_item(project_id, item_id)
        if DecisionLook.objects.filter(membership=membership, item_id=item_id).delete()[0]:
            note_changed(membership)
