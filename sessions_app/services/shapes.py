"""The shapes of what programs send, by API and MCP: nothing is cast, and an error says what is wanted."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

# The canonical form and no other: uuid.UUID() would also take braces, "urn:uuid:" and any hyphens.
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
UUID_SCHEMA = {"type": "string", "format": "uuid", "pattern": f"^{_UUID.pattern}$"}
MOMENT_SCHEMA = {"type": "string", "format": "date-time", "examples": ["2026-11-23T09:30:00Z"]}


class Body(BaseModel):
    """What a POST or PATCH takes: camelCase, nothing cast, nothing unknown."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True)


def is_id(value: str) -> bool:
    """Whether it is a UUID in its one form."""
    return _UUID.fullmatch(value) is not None


def read_id(value: object) -> UUID:
    """A UUID out of JSON; raises pydantic's error for anything else."""
    if isinstance(value, str) and is_id(value):
        return UUID(value)
    raise PydanticCustomError("uuid", "must be a UUID.")


def read_moment(value: object) -> dt.datetime:
    """A moment out of JSON, in UTC; raises pydantic's error for anything else."""
    rule = "must be a date and time with a time zone, like 2026-11-23T09:30:00Z."
    if not (isinstance(value, str) and _MOMENT.fullmatch(value)):
        raise PydanticCustomError("moment", rule)
    try:
        return dt.datetime.fromisoformat(value.upper()).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        # A day that is not there; or year 1 or 9999 with an offset, which has no moment in UTC.
        raise PydanticCustomError("moment", rule) from None


Id = Annotated[UUID, BeforeValidator(read_id), WithJsonSchema(UUID_SCHEMA)]
Moment = Annotated[dt.datetime, BeforeValidator(read_moment), WithJsonSchema(MOMENT_SCHEMA)]
JsonObject = dict[str, JsonValue]

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


def rule_of(error: dict[str, Any], *, names_known: bool = True) -> str:
    """What one of pydantic's errors means, as a sentence's end.

    `names_known`: of a field that is not known it names those that are.
    """
    kind, context = error["type"], error.get("ctx") or {}
    if kind in _RULES:
        return _RULES[kind]
    match kind:
        case "extra_forbidden":
            return _is_no_field(str(error["loc"][-1]), context["known"], names_known)
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


def _is_no_field(name: str, known: list[str], names_known: bool) -> str:
    if meant := nearest(name, known):
        return f"is no field here; perhaps you mean {meant}."
    return (
        f"is no field here; known are {', '.join(known)}." if names_known and known else "is no field here."
    )


def camel(field: str) -> str:
    """A field as the API spells it: services name theirs in snake_case, also within a path."""
    return ".".join(to_camel(part) if part.islower() else part for part in field.split("."))


def nearest(name: str, known: list[str]) -> str:
    """The known name that was probably meant, or ""."""
    found = difflib.get_close_matches(to_camel(name), known, n=1, cutoff=0.75)
    return found[0] if found else ""
