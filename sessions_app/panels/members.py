"""Who belongs to a project, and who is invited to it: a page at a time, for the settings."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from sessions_app import clock
from sessions_app.models import Invitation, Membership
from sessions_app.models.projects import Role
from sessions_app.panels.paging import Counted, newest_page, oldest_page


def members(project_id: UUID, *, words: str = "", after: str = "", most: int) -> Counted[Membership]:
    """The members, those who came first first; with `words` those whose name or address has them.

    Raises ValueError for a cursor that is none.
    """
    found = Membership.objects.filter(project_id=project_id)
    if words:
        found = found.filter(Q(user__display_name__icontains=words) | Q(user__email__icontains=words))
    return Counted(*oldest_page(found.select_related("user"), "created_at", after, most), found)


def has_one_owner(project_id: UUID) -> bool:
    """Whether there is nobody else who could run it."""
    return Membership.objects.filter(project_id=project_id, role=Role.OWNER)[:2].count() == 1


def invitations(project_id: UUID, *, after: str = "", most: int) -> Counted[Invitation]:
    """The invitations that are open, newest first. Raises ValueError for a cursor that is none."""
    found = Invitation.objects.open(clock.now()).filter(project_id=project_id)
    return Counted(*newest_page(found.select_related("invited_by"), "created_at", after, most), found)
