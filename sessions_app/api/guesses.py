"""Errors that state the correct call: agents guess, and an answer that tells them right ends it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

from sessions_app.api.shown import item_shown, question_shown
from sessions_app.models import Item, Question


def known_fields(contexts: Iterable[Any], place: Sequence[str | int]) -> list[str]:
    """The fields that an object at this place of the body has; `contexts` are Ninja's."""
    for context in contexts:
        found: Any = context.model
        for part in place[1:-1]:
            found = _inner(found, part)
        if hasattr(found, "model_fields"):
            return [field.alias or name for name, field in found.model_fields.items()]
    return []


def _inner(model: Any, part: str | int) -> Any:  # noqa: ANN401 -- types as pydantic tells them
    if isinstance(part, int):
        return get_args(model)[0]
    fields = getattr(model, "model_fields", {})
    return next((field.annotation for name, field in fields.items() if part in (name, field.alias)), None)


def as_it_stands(current: object) -> dict[str, Any] | None:
    """What somebody who was faster left, to show beside what was sent."""
    if isinstance(current, Item):
        return item_shown(current).model_dump(mode="json", by_alias=True)
    if isinstance(current, Question):
        return question_shown(current).model_dump(mode="json", by_alias=True)
    return None
