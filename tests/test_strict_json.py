"""What the one parser of all doors takes and refuses."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.strict_json import MOST_DEPTH, MOST_INTEGER, BadValue, NotJson, parse


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a": [1, -1, 2.5, true, null, "\\u00e5"]}', {"a": [1, -1, 2.5, True, None, "å"]}),
        (b"9223372036854775807", MOST_INTEGER),
        (b"-9223372036854775807", -MOST_INTEGER),
        (b' "brackets [[[[{{{{ in a text, and \\" too" ', 'brackets [[[[{{{{ in a text, and " too'),
        (b'"\\ud83d\\ude00"', "😀"),
        (b"[" * MOST_DEPTH + b"]" * MOST_DEPTH, None),
    ],
)
def test_plain_json_is_taken(raw: bytes, value: object) -> None:
    taken = parse(raw)
    assert value is None or taken == value


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"{} {}", "JSON"),
        (b"{'a': 1}", "JSON"),
        (b'{"a": NaN}', "JSON"),
        (b'{"a": Infinity}', "JSON"),
        (b'{"a": -Infinity}', "JSON"),
        (b'{"a": 01}', "JSON"),
        (b'"a\nb"', "JSON"),
        ('{"a": ٣}'.encode(), "JSON"),
        (b'\xef\xbb\xbf{"a": 1}', "byte order mark"),
        ('{"a": 1}'.encode("utf-16"), "UTF-8"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "UTF-8"),
        (b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1), "deep"),
        (b"[" * 100_000, "deep"),
        (b'{"a":' * 100_000, "deep"),
    ],
)
def test_what_is_no_json_is_refused_whole(raw: bytes, rule: str) -> None:
    """Cases F01, F03 and F04."""
    with pytest.raises(NotJson, match=rule):
        parse(raw)


@pytest.mark.parametrize(
    ("raw", "field", "rule"),
    [
        (b'{"a": 1, "a": 1}', "a", "twice"),
        (b'{"a": {"b": [0, {"c": 1, "c": 2}]}}', "a.b[1].c", "twice"),
        (b'{"a": "x\\u0000y"}', "a", "NUL"),
        (b'{"a": ["\\ud800"]}', "a[0]", "surrogate"),
        (b'{"a\\u0000b": 1}', "body", "NUL"),
        (b'{"a": 9223372036854775808}', "a", "between"),
        (b'{"a": -9223372036854775808}', "a", "between"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a", "between"),
        (b'{"a": -0}', "a", "-0"),
        (b'{"a": 1e400}', "a", "computer"),
        (b'{"a": -1e400}', "a", "computer"),
    ],
)
def test_a_value_that_cannot_be_kept_is_named(raw: bytes, field: str, rule: str) -> None:
    """Cases F01, F03 and F04."""
    with pytest.raises(BadValue, match=rule) as bad:
        parse(raw)
    assert bad.value.field == field


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MOST_INTEGER, MOST_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(plain)
def test_it_reads_what_the_standard_library_reads(value: object) -> None:
    raw = json.dumps(value).encode()
    assert parse(raw) == json.loads(raw)


@given(st.binary(max_size=60))
def test_any_bytes_end_in_a_value_or_a_refusal(raw: bytes) -> None:
    try:
        value = parse(raw)
    except (NotJson, BadValue):
        return
    assert not (isinstance(value, float) and not math.isfinite(value))
