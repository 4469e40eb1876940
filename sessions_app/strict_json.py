"""JSON as it is taken in at every door: what is not plain JSON, or cannot be stored, is refused by name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Never

from sessions_app.insights.storable import is_storable

# Lists and objects inside one another: more than any report has use for.
MOST_DEPTH = 50
# What a bigint holds; a whole number beyond it has no column and no honest float.
MOST_INTEGER = 2**63 - 1

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
_LONGEST_INTEGER = len(str(-MOST_INTEGER))


class NotJson(ValueError):
    """The text is no JSON at all, or too deep to be read: nothing in it can be named."""


class BadValue(ValueError):
    """One value cannot be taken. `field` is its path, `rule` a sentence's end: "must be …"."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field} {rule}")
        self.field = field
        self.rule = rule


def parse(raw: bytes) -> Any:  # noqa: ANN401 -- any JSON value
    """Read one JSON value.

    Raises NotJson for what is not UTF-8, not JSON or nested too deep; BadValue for the first value
    that JSON may hold and the product cannot: a key twice, NUL or half a surrogate pair in a text, a
    whole number beyond 64 bits or written `-0`, a number that is not finite.
    """
    if raw.startswith(b"\xef\xbb\xbf"):
        raise NotJson("must be UTF-8 without a byte order mark.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as bad:
        raise NotJson("must be UTF-8.") from bad
    _refuse_depth(raw)
    try:
        value = _decoder.decode(text)
    except (ValueError, RecursionError) as bad:
        raise NotJson("must be JSON.") from bad
    return _plain(value, "")


def glimpse(raw: bytes) -> Any:  # noqa: ANN401 -- any JSON value
    """What a text says that is or would be refused, as far as it is JSON at all: only to count by.

    Returns None for what is none. A whole number comes as its digits.
    """
    try:
        _refuse_depth(raw)
        return json.loads(raw, parse_int=str)
    except (ValueError, RecursionError):
        return None


class _Object(list[tuple[str, Any]]):
    """The pairs of an object, as they stand: a dict would have lost a key that is there twice."""


class _NoInteger:
    def __init__(self, rule: str) -> None:
        self.rule = rule


def _integer(digits: str) -> int | _NoInteger:
    if digits == "-0":
        return _NoInteger("must not be -0.")
    # Before int() sees it: thousands of digits take it long, and then it refuses them.
    if len(digits) > _LONGEST_INTEGER or abs(int(digits)) > MOST_INTEGER:
        return _NoInteger(f"must be between -{MOST_INTEGER} and {MOST_INTEGER}.")
    return int(digits)


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


# Made once: json.loads() makes one for each text.
_decoder = json.JSONDecoder(object_pairs_hook=_Object, parse_int=_integer, parse_constant=_refuse_constant)


def _plain(value: Any, path: str) -> Any:  # noqa: ANN401 -- any JSON value
    match value:
        case _Object():
            return dict(_members(value, path))
        case list():
            return [_plain(each, f"{path}[{place}]") for place, each in enumerate(value)]
        case str():
            _refuse_no_text(value, path)
        case _NoInteger():
            raise BadValue(path or "body", value.rule)
        case float() if value in (float("inf"), float("-inf")):
            raise BadValue(path or "body", "must be a number that a computer can hold.")
    return value


def _members(pairs: _Object, path: str) -> Iterator[tuple[str, Any]]:
    seen = set()
    for key, value in pairs:
        _refuse_no_text(key, path)
        here = f"{path}.{key}" if path else key
        if key in seen:
            raise BadValue(here, "is there twice.")
        seen.add(key)
        yield key, _plain(value, here)


def _refuse_no_text(text: str, path: str) -> None:
    if not is_storable(text):
        raise BadValue(path or "body", "must not contain NUL or half a surrogate pair.")


def _refuse_depth(raw: bytes) -> None:
    """Before the parser goes down there: it would end at the interpreter's own limit."""
    # Mostly there are fewer brackets in all.
    if raw.count(b"[") + raw.count(b"{") <= MOST_DEPTH:
        return
    depth = 0
    for bracket in _BRACKETS.findall(_STRING.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MOST_DEPTH:
            raise NotJson(f"must be nested at most {MOST_DEPTH} deep.")
