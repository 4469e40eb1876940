"""Agent tokens: made and revoked by owners, shown once, stored hashed."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models import F, Max

from sessions_app import clock, ledger
from sessions_app.insights.in_house import NAMES_WITH_A_MEANING
from sessions_app.insights.names import folded_name
from sessions_app.ledger import Actor
from sessions_app.models import AgentToken, Membership, User
from sessions_app.models.activity import AGENT_TYPE_MAX_CHARACTERS
from sessions_app.models.bearers import Scope
from sessions_app.services.errors import Invalid, NotFound
from sessions_app.services.texts import clean_line

# Secret scanners and people tell by it what they found.
PREFIX = "loa_"
SECRET_BYTES = 32
NAME_MAX_CHARACTERS = 80
HINT_CHARACTERS = 4
# What a token may do unless its owner says otherwise: all but holding a socket open.
USUAL_SCOPES = tuple(scope.value for scope in Scope if scope != Scope.LIVE)


def create_agent_token(
    project_id: UUID,
    owner: User,
    *,
    name: str,
    agent_type: str,
    scopes: Sequence[str] = USUAL_SCOPES,
    expires_at: dt.datetime | None = None,
) -> tuple[AgentToken, str]:
    """Make a token for one agent of this project; returns its row and the token, which is shown once.

    `name` is what its owner calls it, `agent_type` the name the agent acts under: one that another agent has,
    to the letter, is that agent's second token; one that only reads like it, or like a member's, is refused.
    Raises Invalid.
    """
    name = clean_line(name, "name", most=NAME_MAX_CHARACTERS)
    agent_type = clean_line(agent_type, "agent_type", most=AGENT_TYPE_MAX_CHARACTERS)
    if unknown := set(scopes) - set(Scope.values):
        raise Invalid("scopes", f"holds {min(unknown)!r}; known are {', '.join(Scope.values)}.")
    if not scopes:
        raise Invalid("scopes", "must hold at least one.")
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid("expires_at", "must be in the future.")
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    # The project's lock: of two at once neither would see the other's name.
    with ledger.change(project_id, Actor.person(owner)):
        _refuse_look_alike(project_id, agent_type)
        token = AgentToken.objects.create(
            project_id=project_id,
            name=name,
            agent_type=agent_type,
            scopes=sorted(set(scopes), key=Scope.values.index),
            token_hash=_hash(secret),
            hint=secret[-HINT_CHARACTERS:],
            created_by=owner,
            expires_at=expires_at,
        )
    return token, secret


def revoke_agent_token(project_id: UUID, token_id: UUID) -> None:
    """Make a token useless from the next request on. Twice is fine. Raises NotFound."""
    token = AgentToken.objects.filter(project_id=project_id, id=token_id).first()
    if token is None:
        raise NotFound("This token is not there.")
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])


def revoke_made_by(project_id: UUID, user_id: UUID) -> None:
    """Revoke the tokens of somebody who may no longer make any: they have seen the secrets."""
    AgentToken.objects.filter(project_id=project_id, created_by_id=user_id, revoked_at__isnull=True).update(
        revoked_at=clock.now()
    )


def find(token: str) -> tuple[UUID, UUID, str, frozenset[str]] | None:
    """The id, project, agent and scopes of a token that is good now; notes that it was used."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select token_id, project_id, agent_type, scopes from find_agent_token(%s)", [_hash(token)]
        )
        row = cursor.fetchone()
    return (row[0], row[1], row[2], frozenset(row[3])) if row else None


def note_briefed(agent_type: str, version: int) -> None:
    """Note, as the agent that acts, how far the briefing went that it reads."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update agent_tokens set briefed_version = %s
            where id = acting_agent_token() and agent_type = %s and briefed_version < %s
            """,
            [version, agent_type, version],
        )


def note_act(token_id: UUID) -> None:
    """Note that the agent did something: what its last briefing told is no news to it any more."""
    AgentToken.objects.filter(id=token_id, last_version__lt=F("briefed_version")).update(
        last_version=F("briefed_version")
    )


def last_visit(project_id: UUID, agent_type: str) -> int:
    """The version this agent knows the project at, by whichever token; 0 before its first act."""
    tokens = AgentToken.objects.filter(project_id=project_id, agent_type=agent_type)
    return tokens.aggregate(known=Max("last_version"))["known"] or 0


def _refuse_look_alike(project_id: UUID, agent_type: str) -> None:
    """No agent may pass for another one, or for a person. Raises Invalid."""
    folded = folded_name(agent_type)
    tokens = AgentToken.objects.good(clock.now()).filter(project_id=project_id)
    for taken in (*NAMES_WITH_A_MEANING, *tokens.values_list("agent_type", flat=True)):
        if taken != agent_type and folded_name(taken) == folded:
            raise Invalid("agent_type", f"reads like “{taken}”: write it like that, or take another name.")
    people = Membership.objects.filter(project_id=project_id)
    for name in people.values_list("user__display_name", flat=True):
        if folded_name(name) == folded:
            raise Invalid("agent_type", "is the name of a member; an agent needs one of its own.")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
