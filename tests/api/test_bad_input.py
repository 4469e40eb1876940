"""Bad input of every kind, in every field of every body: a 4xx that names it, and nothing changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from sessions_app import clock
from tests.api.conftest import Program, agent_program, problem, program
from tests.api.table import OPERATIONS, SCHEMA, TABLE
from tests.api.test_access import call, needs
from tests.bad_values import NO_MOMENTS, with_field, wrong_bodies, wrong_values
from tests.doing import NINE, nothing_changes
from tests.views.conftest import World

WITH_BODY = [name for name, row in TABLE.items() if OPERATIONS[name][0] in ("POST", "PATCH")]


def properties(name: str) -> dict[str, Any]:
    """The fields of an operation's body, by the document."""
    method, path = OPERATIONS[name]
    request_body = SCHEMA["paths"][path][method.lower()].get("requestBody")
    if request_body is None:
        return {}
    schema = request_body["content"]["application/json"]["schema"]
    reference = schema.get("$ref") or schema["allOf"][0]["$ref"]
    found: dict[str, Any] = SCHEMA["components"]["schemas"][reference.rpartition("/")[2]]["properties"]
    return found


@pytest.fixture
def ann(crowd: World) -> Program:
    return program(crowd.cast.ann)


@pytest.mark.parametrize("name", WITH_BODY)
def test_no_field_takes_what_it_must_not(crowd: World, ann: Program, name: str) -> None:
    """Cases F01, F03 and F04, field by field."""
    ids, body = needs(crowd, name, crowd.cast.ann)
    with nothing_changes(), transaction.atomic():
        for field, schema in properties(name).items():
            for raw in wrong_values(schema):
                response = call(ann, crowd, name, ids, with_field(body or {}, (field,), raw))
                assert response.status_code in (400, 422), (field, raw[:40], response.content)
                if response.status_code == 422:
                    named = problem(response, 422)["errors"][0]["field"]
                    assert named.partition("[")[0].partition(".")[0] == field, (raw[:40], response.content)


@pytest.mark.parametrize("name", WITH_BODY)
def test_no_body_takes_what_is_no_object_of_known_fields(crowd: World, ann: Program, name: str) -> None:
    """Cases F01 and F04."""
    ids, body = needs(crowd, name, crowd.cast.ann)
    with nothing_changes(), transaction.atomic():
        for raw, status in wrong_bodies(body or {}):
            response = call(ann, crowd, name, ids, raw)
            assert response.status_code == status, (raw[:60], response.content)
            problem(response, status)


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=101", "limit=-1", "limit=1.5", "limit=true", "limit=%D9%A3", "limit=1e2"),
        *("limit=", "limit=9223372036854775808", "limit=5&limit=5", "cursor=nonsense", "cursor=%00"),
        *(
            "cursor=" + "9" * 300,
            "unknown=1",
            "offset=5",
            "cursor=1:1",
            "cursor=0001-01-01T00:00:00%2B14:00~x",
        ),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(ann: Program, here: str, query: str) -> None:
    """Cases F03 and F04, behind the ?."""
    for noun in ("items", "messages", "questions", "blockers", "agent-activity", "changes"):
        response = ann.get(f"{here}/{noun}?{query}")
        if (noun, query) == ("changes", "cursor=1:1"):
            # That is how a place in the ledger looks.
            assert response.status_code == 200
            continue
        assert response.status_code in (400, 422), (noun, response.content)
        problem(response, response.status_code)


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2026-03-02T09:00:00Z", 202),
        ("2026-03-02T09:00:00.123456+14:00", 202),
        ("2026-02-27T09:00:00-12:00", 202),
        ("2026-03-05T09:00:00Z", 422),
        ("2026-01-01T09:00:00Z", 422),
        *((moment, 422) for moment in NO_MOMENTS),
    ],
)
def test_when_it_happened_has_a_zone_and_is_lately(
    crowd: World, here: str, moment: object, status: int
) -> None:
    """Case F09."""
    agent = agent_program(crowd.cast)
    with clock.at(NINE):
        response = agent.post(f"{here}/agent-activity", {"action": "looks", "occurredAt": moment})
    assert response.status_code == status, response.content
    if status == 422:
        assert problem(response, 422)["errors"][0]["field"] == "occurredAt"


def test_an_unknown_field_is_told_the_right_one(ann: Program, here: str) -> None:
    said = problem(ann.post(f"{here}/items", {"title": "x", "txt": "y"}), 422)
    assert said["errors"] == [{"field": "txt", "message": "is no field here; perhaps you mean text."}]


@pytest.mark.parametrize("path", ["/nothing", "/projects/1/2/3", "/", "/docs/x"])
def test_an_address_that_is_none_is_a_problem(ann: Program, path: str) -> None:
    problem(ann.get(path), 404)
