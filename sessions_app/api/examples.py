"""What an answer looks like: made of its shape, with words of one small story."""

from __future__ import annotations

import datetime as dt
import types
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

_ID = UUID("6d1f4c1e-8f0a-4b57-9a53-0d6f0c1f2a10")
_MOMENT = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)
# Fields whose name says what stands in them; others hold what their type has.
_WORDS: dict[str, Any] = {
    "action": "checked the plan",
    "agent_type": "PlannerAgent",
    "answer": "Up to 900, if the stage is in it.",
    "author": {"kind": "user", "userId": str(_ID), "agentType": None, "name": "Ann"},
    "category": "money",
    "created_by": "Ann",
    "data": {"title": "Rent the mill hall", "before": "exploring", "after": "decided"},
    "details": {"gaps": ["Nobody said who holds the keys"]},
    "email": "bo@example.org",
    "ended_how": "answered",
    "event": "question.answered",
    "hint": "x7Qa",
    "id": str(_ID),
    "importance": "high",
    "invited_by": "Ann",
    "kind": "item.decided",
    "last_error": "",
    "last_session": "2 hours ago",
    "link": "https://leftoff.example.org/invitations/…",
    "message": "Done.",
    "name": "Nightly planner",
    "options": ["up to 500", "up to 900"],
    "outcome": "accepted",
    "quote": "we decided on the mill hall",
    "reason": "The only hall with a stage",
    "refresh_token": "lor_…",
    "role": "editor",
    "secret": "whsec_…",
    "source": "agent",
    "status": "open",
    "text": "Nobody said who holds the keys",
    "ticket": "lot_…",
    "title": "Rent the mill hall",
    "token": "loa_…",
    "token_type": "Bearer",
    "type": "information",
    "version": 412,
}


def example_of(kind: Any, name: str = "") -> Any:  # noqa: ANN401 -- types in, JSON out
    """A JSON value of this type, as it may stand in a field called `name`."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {
            field.alias or key: example_of(field.annotation, key) for key, field in kind.model_fields.items()
        }
    origin, inner = get_origin(kind), get_args(kind)
    if origin is list:
        return [example_of(inner[0])]
    if origin is dict:
        return _WORDS.get(name, {}) if inner[1] is Any else {}
    if origin is Literal:
        return inner[0]
    if isinstance(kind, type) and issubclass(kind, Enum):
        known = [member.value for member in kind]
        return _WORDS[name] if _WORDS.get(name) in known else known[0]
    if origin in (Union, types.UnionType):
        return example_of(inner[0], name)
    return _plain(kind, name)


def _plain(kind: Any, name: str) -> Any:  # noqa: ANN401
    if kind is UUID:
        return str(_ID)
    if kind is dt.datetime:
        return _MOMENT.isoformat().replace("+00:00", "Z")
    if kind is dt.date:
        return _MOMENT.date().isoformat()
    word = _WORDS.get(name)
    if kind is str:
        return word if isinstance(word, str) else str(word or "")
    if kind is int:
        return word if isinstance(word, int) else 2
    if kind is float:
        return 0.8
    if kind is bool:
        return False
    return word if word is not None else {}
