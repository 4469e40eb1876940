"""Reads untrusted JSON values into plain ones, or says which field breaks which rule.

Null is the same as absent: agents send it for what they do not know. A value is never cast.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from sessions_app.insights.names import without_isolates
from sessions_app.insights.storable import is_storable

# The longest question or blocker that a person can be expected to read and answer.
MAX_TEXT = 2000

# Questions, gaps, issues or options in one list: more in one report is a fault of the agent.
MAX_LIST = 50

# Items or blockers that one report may name.
MAX_IDS = 200

# A category is a word or two, an importance is one: as much as their columns hold.
MAX_LABEL = 100
MAX_IMPORTANCE = 40

# uuid.UUID() would also take braces, "urn:uuid:" and any hyphens.
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class BadActivity(ValueError):
    """An agent's report has a wrong shape. `field` is a path, `rule` a sentence's end: "must be …"."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field} {rule}")
        self.field = field
        self.rule = rule


def read_object(value: object, field: str) -> Mapping[str, object]:
    """The value, which must be an object."""
    if not isinstance(value, Mapping):
        raise BadActivity(field, "must be an object.")
    return value


def read_list(value: object, field: str, limit: int = MAX_LIST) -> list[tuple[str, object]]:
    """Each entry with its path; empty when absent."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadActivity(field, "must be a list.")
    if len(value) > limit:
        raise BadActivity(field, f"must have at most {limit} entries.")
    return [(f"{field}[{index}]", entry) for index, entry in enumerate(value)]


def read_text(value: object, field: str) -> str:
    """The text without isolates, and without white space around it: 1 to MAX_TEXT characters."""
    text = without_isolates(_string(value, field)).strip()
    if not 1 <= len(text) <= MAX_TEXT:
        raise BadActivity(field, f"must have 1 to {MAX_TEXT} characters.")
    return text


def read_label(value: object, field: str, limit: int = MAX_LABEL) -> str:
    """A category or an importance; empty when absent."""
    if value is None:
        return ""
    label = without_isolates(_string(value, field)).strip()
    if len(label) > limit:
        raise BadActivity(field, f"must have at most {limit} characters.")
    return label


def read_texts(value: object, field: str) -> tuple[str, ...]:
    """A list of texts, each once; empty when absent."""
    return tuple(dict.fromkeys(read_text(entry, path) for path, entry in read_list(value, field)))


def read_ids(value: object, field: str) -> tuple[UUID, ...]:
    """A list of ids, each once; empty when absent."""
    return tuple(dict.fromkeys(_id(entry, path) for path, entry in read_list(value, field, MAX_IDS)))


def read_moment(value: object, field: str) -> datetime | None:
    """An ISO 8601 moment with its time zone, in UTC; None when absent."""
    if value is None:
        return None
    rule = "must be an ISO 8601 date and time with a time zone."
    try:
        moment = datetime.fromisoformat(_string(value, field))
        if moment.tzinfo is None:
            raise BadActivity(field, rule)
        return moment.astimezone(UTC)
    except BadActivity:
        raise
    except (ValueError, OverflowError):
        # Overflow: year 1 or 9999 with an offset has no moment in UTC.
        raise BadActivity(field, rule) from None


def _id(value: object, field: str) -> UUID:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise BadActivity(field, "must be a UUID.")
    return UUID(value)


def _string(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise BadActivity(field, "is required." if value is None else "must be text.")
    if not is_storable(value):
        raise BadActivity(field, "must not contain NUL or half a surrogate pair.")
    return value
