"""A project in which somebody says the same odd texts wherever a text can be said."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tests.faults.product import Product, Stage

# In the product's own process: no door is gone round, and no form's own check is in the way.
_TELL = """
import json, uuid
from sessions_app.db.rls import acting_as
from sessions_app.digest.digester import digest_waiting
from sessions_app.ledger import Actor
from sessions_app.models import User
from sessions_app.services import (
    agent_tokens, agents, blockers, dependencies, hand_offs, items, messages, people, projects, questions,
    reviews, sessions,
)
told = json.loads({told!r})
project = uuid.UUID(told["project"])
for user_id in told["people"]:
    with acting_as(uuid.UUID(user_id)):
        user = User.objects.get(id=user_id)
        name = told["name"][:80]
        people.update_profile(user, display_name=name, time_zone="UTC", hides_agents=False)
actor = Actor.person(user)
with acting_as(user.id):
    projects.rename_project(project, actor, title=told["name"][:300])
    sessions.start_session(user.id, project)
    for number, text in enumerate(told["texts"]):
        line = f"{{number}} " + " ".join(text.split())
        def idea():
            return items.add_item(project, actor, title=line[:300], text=text)
        first, second, third, fourth = idea(), idea(), idea(), idea()
        items.decide_item(
            project, actor, first.id, reason=text[:2000], outcome=line[:40], alternatives=[line[:300]]
        )
        items.decide_item(project, actor, fourth.id, reason=text[:2000])
        reviews.contest_item(project, actor, fourth.id, reason=text[:1000])
        items.park_item(project, actor, second.id, reason=text[:2000])
        dependencies.add_dependency(project, actor, waiting_id=second.id, blocking_id=third.id)
        messages.post_message(project, actor, text=text[:20000])
        agents.post_agent_activity(
            project, agent_type=line[:100], action=line[:200],
            details={{"question": text[:2000], "blocks": [str(third.id)], "more": text[:2000]}},
        )
        agents.post_agent_message(project, agent_type=line[:100], text=text[:20000])
        blockers.raise_blocker(project, line[:100], text=text[:2000], blocks=[third.id])
        blockers.raise_blocker_by_person(project, actor, text="By hand: " + text[:1900], waits_for=user.id)
    hand_offs.leave_hand_off(project, actor, text=told["texts"][0][:4000])
    sessions.end_session(user.id, project)
digest_waiting([project])
print("TOLD")
"""


def tell(product: Product, stage: Stage, name: str, texts: Sequence[str]) -> None:
    """Let the stage's last person say each of the texts as an idea's title and text, a decision's reason,
    outcome and alternative, a message, a question, a blocker, a note; both people and the project are
    called `name`. Each is cut to what its place takes."""
    told = {
        "project": stage.projects[0],
        "people": [person.id for person in stage.people],
        "name": name,
        "texts": list(texts),
    }
    done = product.manage("shell", "-c", _TELL.format(told=json.dumps(told)), check=False)
    assert "TOLD" in done.stdout, done.stdout + done.stderr
