"""Whose a bearer is: an access token of a person, or an agent's token. Looked up at every request."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

from sessions_app.db.rls import acting_as, acting_as_agent
from sessions_app.ledger import Actor
from sessions_app.metrics import intake
from sessions_app.models import User
from sessions_app.services import agent_tokens, external_people, limits, sign_ins


@dataclass(frozen=True)
class PersonCaller:
    """A person, the sign-in their token is of (None: the external issuer's), and when the token ends."""

    user: User
    sign_in_id: UUID | None
    ends_at: dt.datetime

    @property
    def name(self) -> str:
        """What rate limits and idempotency keys call them."""
        return limits.caller_name(self.user.id)

    @property
    def actor(self) -> Actor:
        return Actor.person(self.user)

    def acting(self, project_id: UUID | None = None) -> AbstractContextManager[None]:
        """A transaction in which they act; with `project_id` in that project alone."""
        return acting_as(self.user.id, project_id)

    def note_sender(self) -> None:
        """Let what they send to an intake be known as theirs, whatever becomes of it."""
        intake.note_sender(user_id=self.user.id, project_id=None, is_agent=False)


@dataclass(frozen=True)
class AgentCaller:
    """An outside agent, by its token."""

    token_id: UUID
    project_id: UUID
    agent_type: str
    scopes: frozenset[str]

    @property
    def name(self) -> str:
        """What rate limits and idempotency keys call it."""
        return f"agent:{self.token_id}"

    @property
    def actor(self) -> Actor:
        return Actor.agent(self.agent_type)

    def acting(self, _project_id: UUID | None = None) -> AbstractContextManager[None]:
        """A transaction in which it acts."""
        return acting_as_agent(self.token_id)

    def note_sender(self) -> None:
        """Let what it sends to an intake be known as its own, whatever becomes of it."""
        intake.note_sender(user_id=None, project_id=self.project_id, is_agent=True)


Caller = PersonCaller | AgentCaller

# The longest that could be good: an external issuer's access token.
MOST_CHARACTERS = 8192


def token_in(header: str) -> str:
    """The bearer in an Authorization header; "" where there is none."""
    scheme, _, token = header.partition(" ")
    # Two headers arrive as one, joined by a comma, which no token of ours holds.
    if scheme.lower() != "bearer" or len(token) > MOST_CHARACTERS or "," in token:
        return ""
    return token.strip()


def whose(token: str) -> Caller | None:
    """Whose this bearer is right now; None for anything that is not good (any more).

    Not inside a transaction: the external issuer may be asked for its keys. Raises Unavailable when it
    cannot be.
    """
    if token.startswith(agent_tokens.PREFIX):
        found = agent_tokens.find(token)
        return AgentCaller(*found) if found else None
    if ours := sign_ins.person_of(token):
        return PersonCaller(*ours)
    if theirs := external_people.person_of(token):
        user, ends_at = theirs
        return PersonCaller(user, None, ends_at)
    return None
