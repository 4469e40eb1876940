"""Bad input, said once for all doors: values, bodies, ids and moments that none of them may take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=--edge"
# What is no JSON by its name.
OTHER_KINDS = ("text/plain", FORM, "multipart/form-data", "x")

# NUL alone and within, half a surrogate pair, a lone and a cut-off byte, an overlong "/", beyond Unicode.
NOT_TEXT = (b"\x00", b"a\x00b", b"\xed\xa0\x80", b"\xff", b"\xc3", b"\xc0\xaf", b"\xf4\x90\x80\x80")

# "%s" stands for an id that is one, "%%" for a percent sign.
NO_IDS = ("nonsense", "{%s}", "urn:uuid:%s", "0", "-1", "%%00", "١", "x" * 300)

# Without a zone, of no calendar, or so far away that no time zone can turn it into UTC.
NO_MOMENTS = (
    *("2026-03-02T09:00:00", "2026-03-02", "2026-02-30T09:00:00Z", "2026-03-02T24:00:00Z"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "٢٠٢٦-03-02T09:00:00Z", 1772442000),
)

# What is no number where a text stands for one, in a form or behind a question mark.
NO_NUMBERS = (
    *("1.5", "1e2", "1e400", "true", "NaN", "Infinity", "0x1", "1_0", "+1", "-1", "-0", "\u0663", "x"),
    *("9223372036854775808", "9" * 5000),
)

# A JSON Schema, or one of its properties.
Schema = dict[str, Any]


def wrong_values(schema: Schema) -> Iterator[bytes]:
    """JSON texts of values that a field of this schema must not take."""
    yield from wrong_texts(schema)
    yield from wrong_numbers(schema)
    yield from wrong_shapes(schema)


def wrong_texts(schema: Schema) -> Iterator[bytes]:
    """What is no text, whatever the field; and what is too long for it."""
    yield from (b'"nul \\u0000 inside"', b'"half \\ud800 a pair"')
    most = max((part.get("maxLength", 0) for part in schema.get("anyOf", [schema])), default=0)
    if most:
        yield json.dumps("x" * (most + 1)).encode()


def wrong_numbers(schema: Schema) -> Iterator[bytes]:
    """What is no number, whatever the field; and what is no whole number where one is due."""
    yield from (b"9223372036854775808", b"1e400", b"9" * 5000, b"-0", b"NaN", b"Infinity")
    if "integer" in kinds_of(schema):
        yield from (b"1.5", b"true", b'"1"', b'"\\u0663"', b"-1", b"1.0")
        # A version may be larger.
        if not any(part.get("maximum", 0) > 2**31 for part in schema.get("anyOf", [schema])):
            yield b"2147483648"


def wrong_shapes(schema: Schema) -> Iterator[bytes]:
    """Values of another type, and too much of one."""
    kinds = kinds_of(schema)
    yield b"[" * 60 + b"]" * 60
    if "string" in kinds:
        yield from (b"5", b"true", b"1.5", b"{}", b'["x"]')
    if "string" in kinds and "null" not in kinds:
        yield b"null"
    if "boolean" in kinds:
        yield from (b"1", b"0", b'"true"', b'"yes"')
    if "array" in kinds:
        yield from (b"{}", b'"x"', b"5", b"[" + b",".join([b'"x"'] * 1001) + b"]")
    if "object" in kinds:
        yield from (b"[]", b'"x"', b"5")


def kinds_of(schema: Schema) -> set[str | None]:
    """The types that a field may have."""
    return {part.get("type") for part in schema.get("anyOf", [schema])}


def wrong_bodies(body: dict[str, Any]) -> Iterator[tuple[bytes, int]]:
    """Bodies that are no object of known fields in UTF-8, each with the status it is refused with."""
    yield from ((raw, 400) for raw in not_in_utf8(body))
    yield from ((raw, 400) for raw in (b"{", b'{"a":' * 100_000))
    whole = json.dumps(body).encode()
    inside = whole[1:-1]
    twice = b"{" + inside + b", " + inside + b"}" if body else b'{"a": 1, "a": 2}'
    yield from ((raw, 422) for raw in (b"[]", b'"text"', b"null", b"5", twice))
    yield whole[:-1] + (b", " if body else b"") + b'"unknownField": 1}', 422


def not_in_utf8(body: dict[str, Any]) -> tuple[bytes, ...]:
    """Bodies in another encoding, with a mark before them, or in none."""
    whole = json.dumps(body).encode()
    return (b"\xff", whole[:-1] + b"\xff}", b"\xef\xbb\xbf" + whole, whole.decode().encode("utf-16"))


def with_field(body: dict[str, Any], path: tuple[str | int, ...], raw: bytes) -> bytes:
    """The JSON text of a body in which a field, however deep, is this JSON text."""
    body = deepcopy(body)
    inner: Any = body
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = "\u2603"
    return json.dumps(body).encode().replace(b'"\\u2603"', raw)


def escaped(raw: bytes) -> str:
    """Each byte as %XX."""
    return "".join(f"%{byte:02X}" for byte in raw)


def multipart(field: str, raw: bytes) -> bytes:
    """A form of one field, as a browser sends it with enctype multipart/form-data."""
    head = f'----edge\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n'.encode()
    return head + raw + b"\r\n----edge--\r\n"
