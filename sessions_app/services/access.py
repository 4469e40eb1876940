"""What a role allows: one rule for pages and programs."""

from __future__ import annotations

from sessions_app.models import Membership, Project
from sessions_app.models.projects import Role
from sessions_app.services.errors import Archived, NotAllowed


def check_role(membership: Membership, least: Role) -> None:
    """Raises NotAllowed, saying which role it needs, for a lesser one."""
    if Role(membership.role).rank < least.rank:
        raise NotAllowed(f"This needs the role {least}; yours is {membership.role}.")


def check_may_write(project: Project) -> None:
    """Raises Archived for an archived project, in which nothing changes."""
    if project.archived_at:
        raise Archived("This project is archived. Restore it in its settings first.")
