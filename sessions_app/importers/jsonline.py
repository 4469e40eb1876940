"""One line of JSON from a stranger, read strictly: every surprise is a `BadRecord` naming the field."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, NoReturn

from sessions_app.importers.rows import BadRecord
from sessions_app.importers.texts import shown, unstorable

JSON_WORDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}


@dataclass(frozen=True)
class Record:
    """A JSON object whose fields are checked as they are asked for."""

    values: dict[str, Any]
    name: str = ""  # "dependencies[2]." inside a list, for the sentences

    def text(self, field: str) -> str:
        """The text in `field`; empty if it is absent or null.

        Raises:
            BadRecord: it is not text, or holds characters no database keeps.
        """
        value = self.values.get(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise BadRecord(f"{self.name}{field} must be text, not {JSON_WORDS[type(value)]}.")
        if bad := unstorable(value):
            raise BadRecord(f"{self.name}{field} contains {bad}.")
        return value

    def records(self, field: str) -> list[Record]:
        """The objects in the list `field`; empty if it is absent or null.

        Raises:
            BadRecord: it is not a list of objects.
        """
        value = self.values.get(field)
        if value is None:
            return []
        if not isinstance(value, list):
            raise BadRecord(f"{self.name}{field} must be a list, not {JSON_WORDS[type(value)]}.")
        found = []
        for place, one in enumerate(value):
            if not isinstance(one, dict):
                raise BadRecord(f"{self.name}{field}[{place}] must be an object.")
            found.append(Record(one, f"{self.name}{field}[{place}]."))
        return found


def parse(line: bytes) -> Record:
    """The object on one line.

    Args:
        line: the bytes, with or without the line end.

    Returns:
        The object as a `Record`.

    Raises:
        BadRecord: it is no UTF-8, no JSON, no object, or JSON that two readers would read differently.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise BadRecord(f"The line is not UTF-8 (at byte {error.start + 1}).") from error
    try:
        value = json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_constants)
    except json.JSONDecodeError as error:
        raise BadRecord(f"The line is not JSON: {error.msg} (column {error.colno}).") from error
    except RecursionError as error:
        raise BadRecord("The line is nested too deep.") from error
    except ValueError as error:  # Python refuses integers of more than 4,300 digits
        raise BadRecord("The line has a number that is too long.") from error
    if not isinstance(value, dict):
        raise BadRecord("The line is JSON, but not an object.")
    return Record(value)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise BadRecord(f"The field {shown(twice)} is there twice.")
    return values


def _no_constants(name: str) -> NoReturn:
    raise BadRecord(f"{name} is not JSON.")
