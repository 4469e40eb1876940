"""Makers of what tests need, through the services wherever a service makes it."""

from __future__ import annotations

from collections.abc import Sequence

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.models import Membership, Project, User
from sessions_app.services import projects

PASSWORD = "correct horse battery"


def user(name: str, **fields: object) -> User:
    """A person who signs in as `<name>@example.org` with PASSWORD."""
    return User.objects.create_user(f"{name.lower()}@example.org", PASSWORD, display_name=name, **fields)


def project(
    owner: User, title: str, *, editors: Sequence[User] = (), viewers: Sequence[User] = ()
) -> Project:
    """A project with its members."""
    with acting_as(owner.id):
        made = projects.create_project(owner, title=title)
    with acting_as_system([made.id]):
        for role, people in (("editor", editors), ("viewer", viewers)):
            for person in people:
                Membership.objects.create(project=made, user=person, role=role)
    return made
