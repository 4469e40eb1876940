"""Projects with a row in every table, and a look at the catalog that costs no emptying."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connections

from sessions_app.db.rls import acting_as
from sessions_app.digest.digester import digest_waiting
from sessions_app.ledger import Actor
from sessions_app.models import AgentToken, Project, User
from sessions_app.services import (
    agents,
    analytics,
    dependencies,
    items,
    members,
    messages,
    presence,
    sessions,
    steps,
    tracking,
)
from tests.conftest import Cast


@pytest.fixture
def catalog(database_ready: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The database of the tests for one that only reads its catalog."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """The cast, and in both projects something in every table."""
    fill(cast.project, cast.ann)
    fill(cast.other, cast.zoe)
    return cast


def fill(project: Project, owner: User) -> None:
    """Let at least one row of this project be in every table."""
    actor = Actor.person(owner)
    with acting_as(owner.id):
        first, second = (items.add_item(project.id, actor, title=title) for title in ("Lamp", "Lens"))
        dependencies.add_dependency(project.id, actor, waiting_id=second.id, blocking_id=first.id)
        messages.post_message(project.id, actor, text="Who keeps the light?")
        members.invite(project.id, owner, role="viewer")
        token = AgentToken.objects.create(
            project=project, agent_type="ClarificationAgent", token_hash=uuid4().hex, created_by=owner
        )
        agents.post_agent_activity(
            project.id,
            agent_type="ClarificationAgent",
            action="asked",
            details={"question": "Gas or oil?", "blocks": [str(first.id)]},
            token_id=token.id,
            event_id=uuid4(),
        )
        sessions.start_session(owner.id, project.id)
        tracking.track_activity(owner.id, project.id, event_id=uuid4())
        presence.note_present(uuid4(), [(project.id, owner.id)])
    digest_waiting([project.id])
    with acting_as(owner.id):
        summary = analytics.get_summary(owner.id, project.id)
        steps.mark_done(owner.id, project.id, summary["suggestedNextSteps"][0]["id"])
