"""Who asks, as far as what they show says so: enough to look, and nothing that decides.

A token and a session are signed: whom they name cannot be made up, so it is read once and remembered. Whether
they still sign anybody in is in the database, and looked up with each question.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import parse_cookie

from sessions_app.db.together import NotNow, NotSure, Together, by_place
from sessions_app.hot.memory import Memory
from sessions_app.hot.questions import Question
from sessions_app.services import access_tokens
from sessions_app.services.bearers import token_in


@dataclass(frozen=True, slots=True)
class Asker:
    """A person, and the sign-in of theirs: of a program, or the browser's session."""

    user_id: str
    sign_in_id: str | None = None
    session_key: str | None = None
    # By the clock of time.time(): when a token ends. A session's end is in the database.
    ends_at: float = float("inf")

    @property
    def is_over(self) -> bool:
        return time.time() >= self.ends_at


_remembered: Memory[str, Asker] = Memory()
_sessions: Together[Sequence[object], str | None] = Together(by_place("session_data", ("keys",)))
_sign_ins: Together[Sequence[object], str | None] = Together(
    by_place("sign_in_states", ("users", "sign_ins"))
)


async def asker_of(question: Question) -> Asker | None:
    """Who asks; None where it does not say so plainly: an agent, an external issuer's token, nobody.

    Raises NotNow, NotSure.
    """
    known = _remembered.get(question.credential)
    if known is None:
        by = _by_token(question.credential) if question.is_program else await _by_session(question.credential)
        if by is None:
            return None
        known = _remembered[question.credential] = by
    return None if known.is_over else known


async def sign_in_state(asker: Asker) -> str | None:
    """The state of a program's sign-in right now, to compare; None where it is over, or cannot be told."""
    try:
        return await _sign_ins.ask((asker.user_id, asker.sign_in_id))
    except (NotNow, NotSure):
        return None


async def close() -> None:
    """Give its connections back."""
    await _sessions.close()
    await _sign_ins.close()


def _by_token(header: str) -> Asker | None:
    claims = access_tokens.read(token_in(header))
    if claims is None:
        return None
    return Asker(str(claims.user_id), sign_in_id=str(claims.sign_in_id), ends_at=claims.ends_at.timestamp())


async def _by_session(cookies: str) -> Asker | None:
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
    data = await _sessions.ask((key,)) if key.isascii() and key.isalnum() else None
    if data is None:
        return None
    user_id = import_module(settings.SESSION_ENGINE).SessionStore(key).decode(data).get(SESSION_KEY)
    return Asker(user_id, session_key=key) if user_id else None
