"""What open sockets may have: asked at every look, read only where it is not as it was."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore

from sessions_app.db import queries
from sessions_app.live import rights
from sessions_app.live.admissions import Admission
from sessions_app.live.rights import Standing
from sessions_app.models import User
from sessions_app.services import members
from tests.conftest import Cast
from tests.doing import add, counter, do


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of each question that is asked, how many sockets' rights were read."""
    counts: list[int] = []
    ask = queries.rows

    def rows(name: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        found = ask(name, parameters)
        counts.append(sum(row["place"] is not None for row in found))
        return found

    monkeypatch.setattr(queries, "rows", rows)
    return counts


def admitted(cast: Cast, user: User, role: str) -> Admission:
    session = SessionStore()
    session.create()
    return Admission(
        user.id, cast.project.id, session.session_key, user.get_session_auth_hash(), "token", role
    )


def test_only_what_changed_is_read_again(cast: Cast, read: list[int]) -> None:
    standing = Standing([admitted(cast, cast.ann, "owner"), admitted(cast, cast.bob, "editor")])
    first = standing.rights()
    assert [(right.close_code, right.role) for right in first] == [(0, "owner"), (0, "editor")]
    add(cast, "A lamp")
    second = standing.rights()
    assert read == [2, 0]
    # Where the project stands is told all the same.
    assert {right.version.project for right in second} == {counter(cast).version}
    assert second[0].version > first[0].version


def test_a_right_that_comes_and_goes_is_the_one_there_is_now(cast: Cast, read: list[int]) -> None:
    standing = Standing([admitted(cast, cast.ann, "owner"), admitted(cast, cast.bob, "editor")])
    codes = []
    for role in ("editor", "viewer", "owner"):
        do(cast, "ann", members.change_role, cast.bob.id, role=role)
        codes.append([right.close_code for right in standing.rights()])
    assert codes == [[0, 0], [0, rights.LESS_RIGHT], [0, 0]]
    do(cast, "ann", members.remove_member, cast.bob.id)
    SessionStore(session_key=standing.admitted[0].session_key).delete()
    assert [right.close_code for right in standing.rights()] == [rights.SIGNED_OUT, rights.LESS_RIGHT]
    assert read == [2, 2, 2, 2]
