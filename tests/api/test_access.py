"""Who gets what: every operation of the API's document by every kind of caller."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from sessions_app.db.rls import acting_as_system
from sessions_app.models import AgentToken, Membership, User
from sessions_app.models.bearers import Scope
from tests.api.conftest import Program, agent_program, problem, program
from tests.api.table import ANYONE, MAY_END, OPERATIONS, OUTSIDE, RANK, TABLE, expected
from tests.doing import NINE, headers_of, nothing_changes
from tests.views.conftest import World, browse


def test_the_table_holds_every_operation_and_no_other() -> None:
    assert set(TABLE) == set(OPERATIONS)


def call(who: Program, world: World, name: str, ids: dict[str, Any], body: Any) -> Any:
    """Call an operation with these ids and this body."""
    method, path = OPERATIONS[name]
    address = path.removeprefix("/api").format(**ids)
    return who.call(method, address + TABLE[name].query, body)


def needs(world: World, name: str, who: User) -> tuple[dict[str, Any], Any]:
    """What an operation's address and body need, made anew."""
    row = TABLE[name]
    ids = {"project_id": world.cast.project.id} | row.ids(world, who)
    return ids, row.body(world, who) if row.body else None


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back, so that the next call finds the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("caller", ["anonymous", "viewer", "editor", "owner", *OUTSIDE, "deactivated"])
def test_every_operation_by_this_person(crowd: World, caller: str) -> None:
    person = crowd.person(caller)
    if caller == "deactivated":
        User.objects.filter(id=person.id).update(is_active=True)
    bearer = program(person) if person else Program()
    if caller == "deactivated":
        User.objects.filter(id=person.id).update(is_active=False)
    wrong = []
    for name, row in TABLE.items():
        with undone():
            response = call(bearer, crowd, name, *needs(crowd, name, person or crowd.cast.ann))
        if response.status_code not in expected(caller, name, row):
            wrong.append((name, response.status_code, response.content[:200]))
        if response.status_code == 401 and row.least != ANYONE:
            assert response.headers["WWW-Authenticate"].startswith("Bearer"), name
    assert wrong == []


@pytest.mark.parametrize("scope", [*Scope.values, "none"])
def test_every_operation_by_an_agent_with_this_scope(crowd: World, scope: str) -> None:
    """Its project and its scope only; never what people do."""
    agent = agent_program(crowd.cast, scopes=(scope,) if scope != "none" else (Scope.LIVE,))
    wrong = []
    for name, row in TABLE.items():
        ids, body = needs(crowd, name, crowd.cast.ann)
        with undone():
            status = call(agent, crowd, name, ids, body).status_code
        may = row.least == ANYONE or (row.scope is not None and row.scope == scope)
        if status not in ({row.status, *MAY_END.get(name, ())} if may else {403}):
            wrong.append((name, status))
    if scope == "none":
        wrong = [pair for pair in wrong if TABLE[pair[0]].scope != Scope.LIVE]
    assert wrong == []


def test_an_agent_of_another_project_finds_nothing(crowd: World) -> None:
    other = agent_program(crowd.cast)
    with acting_as_system([crowd.cast.project.id, crowd.cast.other.id]):
        AgentToken.objects.filter(project=crowd.cast.project).update(project=crowd.cast.other)
    for name, row in TABLE.items():
        if row.least in RANK:
            ids, body = needs(crowd, name, crowd.cast.ann)
            with undone():
                assert call(other, crowd, name, ids, body).status_code in (403, 404), name
                if row.scope:
                    assert call(other, crowd, name, ids, body).status_code == 404, name


@pytest.mark.parametrize("caller", OUTSIDE)
def test_a_hidden_project_answers_like_a_missing_one(crowd: World, caller: str) -> None:
    bearer = program(crowd.person(caller))
    missing = uuid.uuid4()
    for name, row in TABLE.items():
        if row.least not in RANK:
            continue
        ids, body = needs(crowd, name, crowd.cast.bob)
        hidden = call(bearer, crowd, name, ids, body)
        if row.in_body:
            body = body | {"projectId": str(missing)}
        absent = call(bearer, crowd, name, ids | {"project_id": missing}, body)
        assert hidden.status_code == absent.status_code == 404, name
        assert hidden.content == absent.content, name
        assert headers_of(hidden) == headers_of(absent), name


def test_a_thing_of_another_project_is_missing_here(crowd: World) -> None:
    """Also for somebody who is in both."""
    cast = crowd.cast
    with acting_as_system([cast.other.id]):
        Membership.objects.create(project=cast.other, user=cast.ann, role="owner")
    ann = program(cast.ann)
    for name, row in TABLE.items():
        if row.least not in RANK or not any(noun in OPERATIONS[name][1] for noun in ("_id}/", "_id}")):
            continue
        ids, body = needs(crowd, name, cast.ann)
        if set(ids) <= {"project_id", "user_id"} or name == "item_history":
            continue
        with nothing_changes():
            there = call(ann, crowd, name, ids | {"project_id": cast.other.id}, body)
            nothing = {key: uuid.uuid4() for key in ids}
            nowhere = call(ann, crowd, name, nothing | {"project_id": cast.other.id}, body)
        assert there.status_code == nowhere.status_code == 404, name
        assert there.content == nowhere.content, name


def test_no_cookie_opens_the_api(crowd: World) -> None:
    """Case L07."""
    browser = browse(crowd.cast.ann)
    for name, (method, path) in OPERATIONS.items():
        if TABLE[name].least == ANYONE:
            continue
        ids, _body = needs(crowd, name, crowd.cast.ann)
        response = browser.generic(method, path.format(**ids), b"{}", content_type="application/json")
        assert response.status_code == 401, name


@pytest.mark.parametrize("method", ["PUT", "HEAD", "OPTIONS", "TRACE", "PATCH", "DELETE", "POST", "GET"])
def test_no_other_method_is_there(crowd: World, ann: Program, method: str) -> None:
    known = {(op_method, path) for op_method, path in OPERATIONS.values()}
    # What can be read is also there without its body.
    known |= {("HEAD", path) for op_method, path in known if op_method == "GET"}
    ids = {"project_id": crowd.cast.project.id, "user_id": "me"}
    for path in {path for _, path in known}:
        if (method, path) in known:
            continue
        named = {part[1:-1]: uuid.uuid4() for part in path.split("/") if part.startswith("{")} | ids
        response = ann.call(method, path.removeprefix("/api").format(**named))
        assert response.status_code == 405, (method, path)
        assert response.headers["Allow"]


def test_a_token_that_is_over_or_revoked_is_refused_at_the_next_request(crowd: World) -> None:
    agent = agent_program(crowd.cast)
    assert call(agent, crowd, "briefing_read", {"project_id": crowd.cast.project.id}, None).status_code == 200
    for change in ({"revoked_at": NINE}, {"revoked_at": None, "expires_at": NINE}):
        with acting_as_system([crowd.cast.project.id]):
            AgentToken.objects.update(**change)
        refused = call(agent, crowd, "briefing_read", {"project_id": crowd.cast.project.id}, None)
        problem(refused, 401)
