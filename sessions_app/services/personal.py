"""What is one member's own: the lock on it, and how their pages hear that it changed."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F

from sessions_app import ledger
from sessions_app.models import Membership
from sessions_app.services.errors import NotFound


def locked_membership(user_id: UUID, project_id: UUID) -> Membership:
    """The membership, locked for this transaction. Raises NotFound for a non-member."""
    membership = (
        Membership.objects.select_for_update(no_key=True)
        .filter(user_id=user_id, project_id=project_id)
        .first()
    )
    if membership is None:
        raise NotFound("This project is not there.")
    return membership


def note_changed(membership: Membership) -> None:
    """Raise the membership's version; its pages hear of it after the commit."""
    Membership.objects.filter(id=membership.id).update(version=F("version") + 1)
    ledger.announce_personal(membership.project_id)
