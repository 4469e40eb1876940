"""Calling the API as a program does: a bearer, JSON in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from sessions_app.db.rls import acting_as
from sessions_app.models import AgentToken, User
from sessions_app.models.bearers import Scope
from sessions_app.services import agent_tokens, sign_ins
from tests import factories
from tests.conftest import Cast

# The same people and makers as for pages: two doors, one verb.
from tests.views.conftest import World, _no_old_rate_limits, crowd, world  # noqa: F401

_client = Client(raise_request_exception=True)


@dataclass
class Program:
    """A program with a bearer (or none)."""

    token: str = ""

    def get(self, path: str, **headers: str) -> Any:
        """GET an address; headers by their names in snake_case."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        """POST a JSON body; None: no body at all."""
        return self.call("POST", path, body, **headers)

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Any method; a body of bytes goes out as it is."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            given.setdefault("authorization", f"Bearer {self.token}")
        kind = given.pop("content-type", "application/json" if raw else "")
        _client.cookies.clear()
        return _client.generic(method, f"/api{path}", raw, content_type=kind, headers=given)


def program(user: User) -> Program:
    """A front end in which this person is signed in."""
    return Program(sign_ins.sign_in(user.email, factories.PASSWORD, client="127.0.0.1").access_token)


def agent_token(
    cast: Cast, agent_type: str = "PlannerAgent", scopes: tuple[str, ...] = tuple(Scope.values), **more: Any
) -> tuple[AgentToken, str]:
    """A token of Lighthouse, made by Ann."""
    with acting_as(cast.ann.id):
        return agent_tokens.create_agent_token(
            cast.project.id, cast.ann, name="Test", agent_type=agent_type, scopes=scopes, **more
        )


def agent_program(cast: Cast, agent_type: str = "PlannerAgent", **more: Any) -> Program:
    """An outside agent of Lighthouse."""
    return Program(agent_token(cast, agent_type, **more)[1])


@pytest.fixture
def ann(cast: Cast) -> Program:
    return program(cast.ann)


@pytest.fixture
def bob(cast: Cast) -> Program:
    return program(cast.bob)


@pytest.fixture
def agent(cast: Cast) -> Program:
    return agent_program(cast)


@pytest.fixture
def here(cast: Cast) -> str:
    """The address of Lighthouse."""
    return f"/projects/{cast.project.id}"


def data(response: Any, status: int = 200) -> Any:
    """What a success carries."""
    assert response.status_code == status, response.content
    body = response.json()
    assert body["success"] is True
    return body["data"]


def problem(response: Any, status: int) -> Mapping[str, Any]:
    """What an error carries; it has the form that every error has."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["success"] is False
    assert body["status"] == status
    assert body["error"] == body["detail"]
    assert body["title"]
    return body


def fields(response: Any) -> list[str]:
    """The fields that a 422 names."""
    return [error["field"] for error in problem(response, 422)["errors"]]
