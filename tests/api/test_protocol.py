"""What holds for every operation: ETags, limits, compression, CORS, guessed verbs, the document."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from pydantic import TypeAdapter

from sessions_app.api import verbs
from sessions_app.api.app import api
from sessions_app.models import Item
from tests import allowances
from tests.api.conftest import Program, agent_program, data, problem
from tests.api.table import ANYONE, OPERATIONS, SCHEMA, TABLE
from tests.api.test_access import needs
from tests.conftest import Cast
from tests.doing import add, every, headers_of
from tests.views.conftest import World

READ = [name for name in TABLE if OPERATIONS[name][0] == "GET"]


@pytest.mark.parametrize("name", READ)
def test_what_still_stands_is_not_sent_again(crowd: World, ann: Program, name: str) -> None:
    ids, _ = needs(crowd, name, crowd.cast.ann)
    path = OPERATIONS[name][1].removeprefix("/api").format(**ids)
    first = ann.get(path)
    again = ann.get(path, if_none_match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert ann.get(path, if_none_match='"another"').status_code == 200
    assert "no-store" not in first.headers["Cache-Control"]
    assert "Authorization" in first.headers["Vary"]


def test_what_can_be_read_can_be_asked_for_without_its_body(crowd: World, ann: Program) -> None:
    for name in READ:
        ids, _ = needs(crowd, name, crowd.cast.ann)
        path = OPERATIONS[name][1].removeprefix("/api").format(**ids)
        whole, head = ann.get(path), ann.call("HEAD", path)
        assert (head.status_code, b"".join(head)) == (200, b""), name
        assert headers_of(head) == headers_of(whole), name
        assert ann.call("HEAD", path, if_none_match=whole.headers["ETag"]).status_code == 304
    missing = ann.call("HEAD", "/nothing")
    assert (missing.status_code, missing.content) == (404, b"")


def test_a_change_makes_another_etag(ann: Program, here: str) -> None:
    before = ann.get(f"{here}/items").headers["ETag"]
    ann.post(f"{here}/items", {"title": "One"})
    assert ann.get(f"{here}/items", if_none_match=before).status_code == 200


def test_a_long_answer_is_compressed(ann: Program, here: str, cast: Cast) -> None:
    add(cast, *[f"Idea {number}" for number in range(20)])
    answer = ann.get(f"{here}/items", accept_encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert (
        ann.get(f"{here}/items", accept_encoding="gzip", if_none_match=answer.headers["ETag"]).status_code
        == 304
    )


def test_who_calls_too_often_is_told_when_to_come_again(
    ann: Program, agent: Program, here: str, settings: object
) -> None:
    settings.API_CALLS_PER_MINUTE = 3
    allowances.begin_anew()
    answers = [ann.get(f"{here}/items") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    problem(answers[-1], 429)
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
    # Others are counted by themselves.
    assert agent.get(f"{here}/items").status_code == 200


@pytest.mark.parametrize("noun", ["items", "questions", "blockers"])
def test_every_published_word_does_its_verb(crowd: World, ann: Program, noun: str) -> None:
    single = noun.removesuffix("s")
    for verb, words in verbs.VERBS[noun].items():
        row = TABLE[f"{single}_{verb}"]
        for word in (verb, verb.upper(), *words):
            ids, body = needs(crowd, f"{single}_{verb}", crowd.cast.ann)
            place = "".join(f"/{ids[name]}" for name in ids if name != "project_id")
            path = f"/projects/{crowd.cast.project.id}/{noun}{place}/{word}"
            assert ann.post(path, body).status_code == row.status, word


@pytest.mark.parametrize(
    ("noun", "operation"), [("messages", "message_post"), ("agent-activity", "activity_post")]
)
def test_every_word_for_posting_posts(crowd: World, ann: Program, noun: str, operation: str) -> None:
    row = TABLE[operation]
    for word in ("post", *verbs.VERBS[noun]["post"]):
        _ids, body = needs(crowd, operation, crowd.cast.ann)
        path = f"/projects/{crowd.cast.project.id}/{noun}/{word}"
        assert ann.post(path, body).status_code == row.status, word


def test_every_word_for_a_session_does_its_verb(crowd: World, ann: Program) -> None:
    for verb, words in verbs.VERBS["sessions"].items():
        operation = {"track-activity": "track_activity"}.get(verb, f"session_{verb}")
        for word in (verb, f"{verb}/", *words):
            _ids, body = needs(crowd, operation, crowd.cast.ann)
            assert ann.post(f"/sessions/{word}", body).status_code == TABLE[operation].status, word


def test_the_words_are_published(ann: Program) -> None:
    assert data(ann.get("/verbs"))["items"]["park"] == list(verbs.VERBS["items"]["park"])
    said = {word for noun in verbs.VERBS.values() for words in noun.values() for word in words}
    assert all(word == word.lower() for word in said)
    for noun in verbs.VERBS.values():
        every_word = [word for verb, words in noun.items() for word in (verb, *words)]
        assert len(every_word) == len(set(every_word)), "one word, two verbs"


def test_a_word_nobody_knows_is_told_the_right_ones(ann: Program, here: str, cast: Cast) -> None:
    item = add(cast, "One")[0]
    said = problem(ann.post(f"{here}/items/{item.id}/frobnicate"), 404)
    assert f"POST /api{here}/items/{item.id}/decide" in said["detail"]
    told = problem(ann.post(f"{here}/items/{item.id}/remove"), 404)["detail"]
    assert f"DELETE /api{here}/items/{item.id} deletes it" in told
    assert every(Item, cast)[0].state == "exploring"


def test_another_origin_is_let_in_only_when_named(agent: Program, here: str, settings: object) -> None:
    theirs = "https://front.example.org"
    assert "Access-Control-Allow-Origin" not in agent.get(f"{here}/items", origin=theirs).headers
    settings.CORS_ALLOWED_ORIGINS = [theirs]
    for answer in (
        agent.get(f"{here}/items", origin=theirs),
        Program().get(f"{here}/items", origin=theirs),
        agent.get("/nothing", origin=theirs),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == theirs
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    asked = Client().options(
        f"/api{here}/items",
        headers={
            "origin": theirs,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization, idempotency-key",
        },
    )
    assert asked.status_code == 200
    assert "idempotency-key" in asked.headers["Access-Control-Allow-Headers"]
    assert (
        "Access-Control-Allow-Origin" not in agent.get(f"{here}/items", origin="https://evil.example").headers
    )
    # Pages are no API.
    assert "Access-Control-Allow-Origin" not in Client().get("/livez", headers={"origin": theirs}).headers


def test_the_document_holds_every_error_and_an_example_of_every_body() -> None:
    assert SCHEMA["openapi"].startswith("3.1")
    assert "Problem" in SCHEMA["components"]["schemas"]
    for name, (method, path) in OPERATIONS.items():
        operation = SCHEMA["paths"][path][method.lower()]
        statuses = {int(status) for status in operation["responses"]}
        assert {400, 401, 422, 429, 503} <= statuses, name
        assert operation["summary"], name
        if TABLE[name].least != ANYONE:
            assert {"Bearer": []} in operation["security"], name
            assert 403 in statuses, name
        if method != "GET":
            assert {409, 413, 415} <= statuses, name
        for status, answer in operation["responses"].items():
            if 200 <= int(status) < 300:
                given = answer["content"].get("application/json")
                # A file says only what kind it is.
                assert given is None or "example" in given or len(statuses & {200, 201}) == 2, name
            elif int(status) >= 400:
                assert answer["content"]["application/problem+json"]["schema"], name
        if fields_of(operation):
            example = operation["requestBody"]["content"]["application/json"]["example"]
            assert set(example) <= fields_of(operation), name


def fields_of(operation: dict[str, object]) -> set[str]:
    """The fields of an operation's body, by the document."""
    body = operation.get("requestBody")
    if not body:
        return set()
    schema = body["content"]["application/json"]["schema"]
    reference = schema.get("$ref") or schema["allOf"][0]["$ref"]
    return set(SCHEMA["components"]["schemas"][reference.rpartition("/")[2]]["properties"])


def test_the_examples_of_answers_have_the_shape_they_are_an_example_of() -> None:
    for router in {operation.api for operation in ()}:
        assert router
    for _prefix, bound in api._routers:
        for view in bound.path_operations.values():
            for operation in view.operations:
                for status, wrapped in operation.response_models.items():
                    if wrapped is None:
                        continue
                    model = wrapped.model_fields["response"].annotation
                    content = operation.openapi_extra["responses"].get(status, {}).get("content", {})
                    if "application/json" in content:
                        TypeAdapter(model).validate_json(json.dumps(content["application/json"]["example"]))


def test_the_document_and_the_page_are_for_everybody(database: None) -> None:
    document = Client().get("/api/openapi.json")
    assert document.status_code == 200
    assert json.loads(document.content)["info"]["title"] == "Leftoff"
    page = Client().get("/api/docs")
    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://127.0.0.1:8000", "")
    assert "https://" not in page.text
    # They change with a release only: whoever has them is not sent them again.
    for path, whole in (("/api/openapi.json", document), ("/api/docs", page)):
        again = Client().get(path, headers={"if-none-match": whole.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b""), path


def test_an_archived_project_is_read_and_not_changed(ann: Program, here: str, cast: Cast) -> None:
    agent = agent_program(cast)
    assert ann.call("PATCH", here, {"archived": True}).status_code == 200
    for who in (ann, agent):
        assert who.get(f"{here}/items").status_code == 200
        problem(who.post(f"{here}/items", {"title": "One"}), 409)
    assert ann.call("PATCH", here, {"archived": False}).status_code == 200
    assert ann.post(f"{here}/items", {"title": "One"}).status_code == 201
