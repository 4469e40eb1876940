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
