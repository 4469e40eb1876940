"""People and agents who lose a right while they are online, by another process; runs in a `manage.py shell`.

Prints whom it made and how they are signed in, waits for a line, takes from each what their case says, three
times over: by the services; by rows alone, of which no server hears; and by rows alone with a message after
it, of which every server hears.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_admin
from sessions_app.ledger import Actor
from sessions_app.models import AgentToken, Membership, User
from sessions_app.models.bearers import Scope
from sessions_app.services import agent_tokens, members, messages, projects
from tests import factories
from tests.faults.access_people import tokens_of, user
from tests.faults.signing_in import signed_in

TITLE, AFTERWARDS = "Lighthouse", "Now that this is over"
OPENLY, QUIETLY, UNTOLD = "by a service", "by rows alone", "by rows alone, before a message"


class Victim:
    """An editor of a project, signed in by browser and program, and the project's agent."""

    def __init__(self, owner: User) -> None:
        self.owner = owner
        self.editor = user(f"Vic{uuid.uuid4().hex[:8]}", owner.password)
        self.project = factories.project(owner, TITLE, editors=[self.editor])
        with acting_as(owner.id):
            self.agent, self.secret = agent_tokens.create_agent_token(
                self.project.id, owner, name="Nightly", agent_type="Reader", scopes=list(Scope.values)
            )

    def told(self) -> dict[str, str]:
        tokens = tokens_of(self.editor)
        return {
            "project": str(self.project.id),
            "cookie": signed_in(self.editor),
            "bearer": tokens.access_token,
            "refresh": tokens.refresh_token,
            "agent": self.secret,
        }


def remove(victim: Victim) -> None:
    members.remove_member(victim.project.id, Actor.person(victim.owner), victim.editor.id)


def lower(victim: Victim) -> None:
    members.change_role(victim.project.id, Actor.person(victim.owner), victim.editor.id, role="viewer")


def deactivate(victim: Victim) -> None:
    victim.editor.is_active = False
    victim.editor.save(update_fields=["is_active"])


def change_password(victim: Victim) -> None:
    victim.editor.set_password("another one entirely")
    victim.editor.save(update_fields=["password"])


def revoke_token(victim: Victim) -> None:
    agent_tokens.revoke_agent_token(victim.project.id, victim.agent.id)


def delete(victim: Victim) -> None:
    projects.delete_project(victim.project.id, confirm_title=TITLE)


def delete_quietly(victim: Victim) -> None:
    with acting_as(victim.owner.id), connection.cursor() as cursor:
        cursor.execute("select erase_project(%s)", [victim.project.id])


Act = Callable[[Victim], Any]
REVOKES: dict[str, tuple[Act, Act]] = {
    "removed": (remove, lambda v: Membership.objects.filter(user=v.editor).delete()),
    "lowered": (lower, lambda v: Membership.objects.filter(user=v.editor).update(role="viewer")),
    "deactivated": (deactivate, lambda v: User.objects.filter(id=v.editor.id).update(is_active=False)),
    "password changed": (change_password, lambda v: User.objects.filter(id=v.editor.id).update(password="!")),
    "token revoked": (
        revoke_token,
        lambda v: AgentToken.objects.filter(id=v.agent.id).update(revoked_at=clock.now()),
    ),
    "deleted": (delete, delete_quietly),
}


def run(base_url: str) -> None:
    """Make them, wait, revoke; then something happens in projects that are none of theirs any more."""
    settings.BASE_URL = base_url
    owner = factories.user(f"Own{uuid.uuid4().hex[:8]}")
    victims = {
        f"{revoke} {how}": (Victim(owner), act)
        for revoke, acts in REVOKES.items()
        for how, act in zip((OPENLY, QUIETLY, UNTOLD), (*acts, acts[1]), strict=True)
        # Nobody can write in a project that is no more.
        if (revoke, how) != ("deleted", UNTOLD)
    }
    print("VICTIMS " + json.dumps({name: victim.told() for name, (victim, _) in victims.items()}), flush=True)
    input()
    at = {}
    for name, (victim, act) in victims.items():
        with acting_as(owner.id) if name.endswith(OPENLY) else acting_as_admin():
            act(victim)
        at[name] = time.time()
        # Not where no hint may come: this one would have the servers look.
        if not name.endswith(QUIETLY) and not name.startswith("deleted"):
            with acting_as(owner.id):
                messages.post_message(victim.project.id, Actor.person(owner), text=AFTERWARDS)
    print("REVOKED " + json.dumps(at), flush=True)


def go_online(base_url: str, count: int) -> None:
    """Print so many who are online and know their password, and the cookie of somebody who may all."""
    settings.BASE_URL = base_url
    owner = factories.user(f"Own{uuid.uuid4().hex[:8]}")
    victims = [Victim(owner) for _ in range(count)]
    root = user(f"Root{uuid.uuid4().hex[:8]}", owner.password, is_staff=True, is_superuser=True)
    people = [victim.told() | {"id": str(victim.editor.id)} for victim in victims]
    print("ONLINE " + json.dumps({"people": people, "root": signed_in(root)}))
