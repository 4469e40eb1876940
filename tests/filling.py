"""A project with a row in every table that holds a project's rows."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.digest.digester import digest_waiting
from sessions_app.ledger import Actor
from sessions_app.models import IntakeRefusal, Project, User
from sessions_app.services import (
    agent_tokens,
    agents,
    analytics,
    dependencies,
    hand_offs,
    items,
    looks,
    members,
    messages,
    presence,
    rollups,
    sessions,
    socket_tickets,
    steps,
    tracking,
    webhooks,
)
from sessions_app.services.bearers import PersonCaller


def fill(project: Project, owner: User) -> None:
    """Let at least one row of this project be in every table."""
    actor = Actor.person(owner)
    with acting_as(owner.id):
        first, second = (items.add_item(project.id, actor, title=title) for title in ("Lamp", "Lens"))
        dependencies.add_dependency(project.id, actor, waiting_id=second.id, blocking_id=first.id)
        messages.post_message(project.id, actor, text="Who keeps the light?")
        members.invite(project.id, owner, role="viewer")
        token, _secret = agent_tokens.create_agent_token(
            project.id, owner, name="Nightly", agent_type="ClarificationAgent"
        )
        agents.post_agent_activity(
            project.id,
            agent_type="ClarificationAgent",
            action="asked",
            details={"question": "Gas or oil?", "blocks": [str(first.id)]},
            token_id=token.id,
            event_id=uuid4(),
        )
        webhook, _secret = webhooks.create_webhook(project.id, owner, url="https://hooks.example.org/")
        webhooks.send_test(project.id, webhook.id)
        socket_tickets.make_ticket(PersonCaller(owner, None, ends_at=clock.now()), project.id)
        with clock.at(clock.now() - dt.timedelta(hours=1)):
            sessions.start_session(owner.id, project.id)
            sessions.end_session(owner.id, project.id)
        sessions.start_session(owner.id, project.id)
        hand_offs.leave_hand_off(project.id, actor, text="The lamp is lit.")
        tracking.track_activity(owner.id, project.id, event_id=uuid4())
        presence.note_present(uuid4(), [(project.id, owner.id)])
    digest_waiting([project.id])
    with acting_as(owner.id):
        summary = analytics.get_summary(owner.id, project.id)
        steps.mark_done(owner.id, project.id, summary["suggestedNextSteps"][0]["id"])
        decided = items.decide_item(project.id, actor, first.id)
        looks.accept_decision(owner.id, project.id, first.id, decided.decided_version or 0)
        IntakeRefusal.objects.create(
            project=project, hour=clock.now(), door="tracked", reason="too-large", times=1
        )
    rollups.roll_up(project.id)
