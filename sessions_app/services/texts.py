"""Texts that people and agents send: one rule for all doors."""

from __future__ import annotations

import json
import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from sessions_app.insights.names import is_blank, without_isolates
from sessions_app.insights.storable import is_storable
from sessions_app.services.errors import Invalid, TooLong

# What the column holds; the validator alone would let longer ones through.
EMAIL_MAX_CHARACTERS = 254

# Lists and objects inside one another: more than any report has use for, and far from where reading
# it back would break.
JSON_MAX_DEPTH = 50

# Made once: json.dumps() makes one for each value.
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False)

# An escaped NUL; two backslashes before "u0000" are a backslash and five characters.
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_NOT_TEXT = "holds characters that are not text (NUL or half a surrogate pair)."


def clean_text(value: str, field: str, *, most: int, required: bool = False) -> str:
    """Return `value` without surrounding white space and isolates, and with plain newlines.

    Raises Invalid naming `field` when there is nothing to see though it is required, when it is longer
    than `most` characters, or holds what PostgreSQL cannot store (NUL, lone surrogates).
    """
    text = without_isolates(value).replace("\r\n", "\n").strip()
    if required and is_blank(text):
        raise Invalid(field, "must not be empty.")
    if len(text) > most:
        raise TooLong(field, f"must have at most {most:,} characters; this has {len(text):,}.")
    if not is_storable(text):
        raise Invalid(field, _NOT_TEXT)
    return text


def clean_line(value: str, field: str, *, most: int, required: bool = True) -> str:
    """The same for one line: newlines and tabs become single spaces."""
    return clean_text(" ".join(without_isolates(value).split()), field, most=most, required=required)


def clean_email(value: str, field: str) -> str:
    """Return an e-mail address as it is stored, in lower case. Raises Invalid naming `field`."""
    email = clean_line(value, field, most=EMAIL_MAX_CHARACTERS).lower()
    try:
        validate_email(email)
    except ValidationError as bad:
        raise Invalid(field, "must be an e-mail address.") from bad
    return email


def clean_json(value: object, field: str, *, most_bytes: int) -> str:
    """Return the text of a JSON value, equal for equal values.

    Raises Invalid naming `field` when it has more than `most_bytes`, is nested too deep, or holds what
    PostgreSQL cannot store (NUL, lone surrogates, NaN, infinity).
    """
    if _is_deeper(value, JSON_MAX_DEPTH):
        raise Invalid(field, f"must be nested at most {JSON_MAX_DEPTH} deep.")
    try:
        text = _ENCODER.encode(value)
        size = len(text.encode())
    except UnicodeEncodeError as bad:
        raise Invalid(field, _NOT_TEXT) from bad
    except ValueError as bad:
        raise Invalid(field, "holds a number that JSON has no form for.") from bad
    if size > most_bytes:
        raise TooLong(field, f"must have at most {most_bytes:,} bytes.")
    if _ESCAPED_NUL.search(text):
        raise Invalid(field, _NOT_TEXT)
    return text


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)
