"""Members of one project who share a name: what is shown beside it, so that nobody passes for another."""

from __future__ import annotations

from uuid import UUID

from sessions_app.insights.names import Named, marks_apart
from sessions_app.models import Membership


def namesakes(project_id: UUID) -> dict[UUID, str]:
    """The mark of each member whose name reads like another's; the rest are not in it."""
    members = Membership.objects.filter(project_id=project_id)
    people = members.values_list("user_id", "user__display_name", "user__email")
    return marks_apart(Named(*person) for person in people)
