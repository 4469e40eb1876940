"""The guards that the doctor expects are those that the migrations make."""

from __future__ import annotations

import json

import pytest

from sessions_app.db import guards
from tests.db import expected_guards


@pytest.mark.usefixtures("catalog")
def test_what_is_expected_is_what_the_migrations_make() -> None:
    assert json.loads(expected_guards.text()) == guards.expected(), (
        "make it anew: DATA_DIR=/tmp/new python -m tests.db.expected_guards"
    )
    assert list(guards.differences()) == []
    assert all(guards.expected().values())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CHECK ((items.state)::text = 'open'::text)", "CHECK (state = 'open'::character varying)"),
        ("ARRAY( SELECT public.my_projects() AS my_projects)", "ARRAY(SELECT my_projects())"),
        ("(state)::text = ANY ((ARRAY['a'::character varying])::text[])", "state = ANY (ARRAY['a'::text])"),
    ],
)
def test_what_is_only_spelled_otherwise_is_the_same(one: str, other: str) -> None:
    assert guards.plain(one, "items") == guards.plain(other, "items")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.x = b.x", "b.x = b.x"),
        ("RETURN current_setting('app.admin'::text)", "RETURN current_setting('other.admin'::text)"),
        ("RETURN array_to_string(p_texts, ' '::text)", "RETURN array_to_string(p_texts, ''::text)"),
        ("state = 'it''s (open)'", "state = 'it''s open'"),
        ('"primary.one" = 1', '"one" = 1'),
        ("'a' = 'b'", "'b' = 'a'"),
    ],
)
def test_what_is_not_the_same_is_told(one: str, other: str) -> None:
    assert guards.plain(one, "items") != guards.plain(other, "items")
