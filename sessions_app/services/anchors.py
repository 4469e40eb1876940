"""The anchor: up to which version a person said "I'm caught up". Theirs alone, in one project."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from sessions_app import clock
from sessions_app.models import Membership, ProjectCounter
from sessions_app.services.errors import Invalid
from sessions_app.services.personal import locked_membership, note_changed


def catch_up(user_id: UUID, project_id: UUID, version: int) -> Membership:
    """Set the anchor to the project's version that the person has read: what is newer stays new.

    An older page than the one that was caught up with says nothing new: the anchor never goes back by
    this. Returns the membership. Raises Invalid for a version that the project has not had, NotFound.
    """
    with transaction.atomic():
        membership = locked_membership(user_id, project_id)
        current = ProjectCounter.objects.get(project_id=project_id).version
        if not 0 <= version <= current:
            raise Invalid("version", f"must be a version the project has had: 0 to {current}.")
        if membership.caught_up_version is not None and version <= membership.caught_up_version:
            return membership
        membership.caught_up_version_before = membership.caught_up_version
        membership.caught_up_at_before = membership.caught_up_at
        membership.caught_up_version, membership.caught_up_at = version, clock.now()
        _save(membership)
    return membership


def take_back(user_id: UUID, project_id: UUID) -> Membership:
    """Set the anchor to where it was before; taking back twice is once. Raises NotFound."""
    with transaction.atomic():
        membership = locked_membership(user_id, project_id)
        if membership.caught_up_version != membership.caught_up_version_before:
            membership.caught_up_version = membership.caught_up_version_before
            membership.caught_up_at = membership.caught_up_at_before
            _save(membership)
    return membership


def _save(membership: Membership) -> None:
    membership.save(
        update_fields=[
            "caught_up_version",
            "caught_up_at",
            "caught_up_version_before",
            "caught_up_at_before",
        ]
    )
    note_changed(membership)
