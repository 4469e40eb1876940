"""What open sockets may have: asked at every look, read only where it is not as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore

from sessions_app import clock
from sessions_app.db import queries
from sessions_app.db.rls import acting_as
from sessions_app.live import rights
from sessions_app.live.admissions import Admission, ProgramAdmission
from sessions_app.live.rights import Standing
from sessions_app.models import AgentToken, ApiSignIn, User
from sessions_app.services import agent_tokens, members, sign_ins
from tests.api.conftest import agent_token, program
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


def signed_in(cast: Cast, user: User, ends_at: dt.datetime | None = None) -> ProgramAdmission:
    """A program of this person's."""
    program(user)
    sign_in = ApiSignIn.objects.get(user=user)
    return ProgramAdmission(cast.project.id, user.id, sign_in.id, ends_at=ends_at)


def change_password(cast: Cast, _token: AgentToken) -> None:
    cast.bob.set_password("another one entirely")
    cast.bob.save(update_fields=["password"])


def deactivate(cast: Cast, _token: AgentToken) -> None:
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)


def end_sign_in(cast: Cast, _token: AgentToken) -> None:
    sign_ins.end_all(cast.bob.id)


def revoke_token(cast: Cast, token: AgentToken) -> None:
    with acting_as(cast.ann.id):
        agent_tokens.revoke_agent_token(cast.project.id, token.pk)


@pytest.mark.parametrize(
    ("revoke", "closed"),
    [
        (change_password, {"page", "program"}),
        (deactivate, {"page", "program"}),
        (end_sign_in, {"program"}),
        (revoke_token, {"agent"}),
    ],
)
def test_what_was_asked_before_is_noticed_to_be_over(
    cast: Cast, revoke: Callable[[Cast, AgentToken], None], closed: set[str]
) -> None:
    token, _ = agent_token(cast)
    standing = Standing(
        [
            admitted(cast, cast.bob, "editor"),
            signed_in(cast, cast.bob),
            ProgramAdmission(cast.project.id, agent_token_id=token.pk),
        ]
    )
    assert [right.close_code for right in standing.rights()] == [0, 0, 0]
    revoke(cast, token)
    for _ in range(2):
        codes = [right.close_code for right in standing.rights()]
        expected = [rights.SIGNED_OUT * (kind in closed) for kind in ("page", "program", "agent")]
        assert codes == expected


def test_a_program_is_over_by_the_clock_though_nothing_changed(cast: Cast, read: list[int]) -> None:
    ends_at = clock.now() + dt.timedelta(minutes=15)
    standing = Standing([signed_in(cast, cast.ann, ends_at), signed_in(cast, cast.bob)])
    codes = []
    for seconds in (-1, 0, 1):
        with clock.at(ends_at + dt.timedelta(seconds=seconds)):
            codes.append([right.close_code for right in standing.rights()])
    assert codes == [[0, 0], [rights.SIGNED_OUT, 0], [rights.SIGNED_OUT, 0]]
    assert read == [2, 0, 0]


@pytest.mark.parametrize(("is_active", "code"), [(False, rights.SIGNED_OUT), (True, 0)])
def test_what_could_not_be_judged_is_judged_at_the_next_look(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, is_active: bool, code: int
) -> None:
    """A role that only a newer release knows, say: nobody stays unasked, also when all is as it was again."""
    standing = Standing([admitted(cast, cast.ann, "owner"), admitted(cast, cast.bob, "editor")])
    assert [right.close_code for right in standing.rights()] == [0, 0]
    bob = User.objects.filter(pk=cast.bob.pk)
    bob.update(is_active=False)
    with monkeypatch.context() as patch:
        patch.setattr(rights, "_close_code", None)
        with pytest.raises(TypeError):
            standing.rights()
    bob.update(is_active=is_active)
    assert [right.close_code for right in standing.rights()] == [0, code]
