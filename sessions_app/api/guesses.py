"""Errors that state the correct call: agents guess, and an answer that tells them right ends it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic.alias_generators import to_camel

from sessions_app.api.shown import item_shown, question_shown
from sessions_app.models import Item, Question

# How pydantic's kinds of error are said here; the others say it well enough themselves.
_RULES = {
    "missing": "is required.",
    "string_type": "must be text.",
    "bool_type": "must be true or false.",
    "int_type": "must be a whole number.",
    "float_type": "must be a number.",
    "dict_type": "must be an object.",
    "list_type": "must be a list.",
    "model_type": "must be an object.",
    "model_attributes_type": "must be an object.",
}


def rule_of(error: dict[str, Any]) -> str:
    """What one of pydantic's errors means, as a sentence's end."""
    kind, context = error["type"], error.get("ctx") or {}
    if kind in _RULES:
        return _RULES[kind]
    match kind:
        case "extra_forbidden":
            meant = nearest(str(error["loc"][-1]), context["known"])
            return f"is no field here; perhaps you mean {meant}." if meant else "is no field here."
        case "string_too_long":
            return f"must have at most {context['max_length']:,} characters."
        case "string_too_short":
            return "must not be empty."
        case "too_long":
            return f"must have at most {context['max_length']} entries."
        case "too_short":
            return f"must have at least {context['min_length']} entries."
        case "greater_than_equal":
            return f"must be at least {context['ge']}."
        case "less_than_equal":
            return f"must be at most {context['le']}."
        case "literal_error" | "enum":
            return f"must be one of {context['expected']}."
    said = str(error["msg"])
    return said if said.endswith(".") else f"{said[:1].lower()}{said[1:]}."


def camel(field: str) -> str:
    """A field as the API spells it: services name theirs in snake_case, also within a path."""
    return ".".join(to_camel(part) if part.islower() else part for part in field.split("."))


def nearest(name: str, known: list[str]) -> str:
    """The known name that was probably meant, or ""."""
    found = difflib.get_close_matches(to_camel(name), known, n=1, cutoff=0.75)
    return found[0] if found else ""


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
