"""Whom a handshake let in, and what makes their right to be there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Admission:
    """Who opened a page's socket, and what makes their sign-in valid."""

    user_id: UUID
    project_id: UUID
    session_key: str
    # Of the user's password: another password makes another one, and ends the sign-in.
    auth_hash: str
    csrf_token: str
    role: str


@dataclass(frozen=True, slots=True)
class ProgramAdmission:
    """Whose program opened a socket: a person's (by this sign-in, or the external issuer's), or an agent."""

    project_id: UUID
    user_id: UUID | None = None
    sign_in_id: UUID | None = None
    agent_token_id: UUID | None = None
    # A person's socket outlives no access token: the program comes back with a new one.
    ends_at: dt.datetime | None = None


AnyAdmission = Admission | ProgramAdmission
