"""F: no field of any JSON body takes what it must not, nor any place of an address."""

from __future__ import annotations

import json
import random
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.bad_values import (
    NO_IDS,
    NO_NUMBERS,
    OTHER_KINDS,
    Schema,
    kinds_of,
    not_in_utf8,
    with_field,
    wrong_bodies,
    wrong_numbers,
    wrong_shapes,
    wrong_texts,
)
from tests.faults.cases import case
from tests.faults.inputs import JSON, Answer, Inputs, as_json
from tests.faults.sizes import sizes
from tests.faults.tries import FULL, QUICK, Place, Try, chosen
from tests.faults.verdicts import Verdicts

A_MEGABYTE = json.dumps("x" * 1_000_000).encode()

Values = Callable[[Schema], Iterable[bytes]]


class Operation(NamedTuple):
    """An operation of the document that takes a body, and a body that fits."""

    method: str
    path: str
    body: dict[str, Any]
    schema: Schema


@dataclass
class Found:
    """What all the tries came to."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[object] = field(default_factory=list)

    def note(self, answer: Answer, what: object, *, names: str = "") -> None:
        """A refusal is a problem; where it is about a field it names it."""
        self.statuses[answer.status] += 1
        is_problem = answer.kind == "application/problem+json"
        if not is_problem or (answer.status == 422 and names and named(answer) != names):
            self.wrong.append((what, answer.status, answer.text[:200]))


def named(answer: Answer) -> str:
    """The first field a problem names, without what is inside it."""
    return answer.fields()[0].partition("[")[0].partition(".")[0]


@contextmanager
def nothing_stored(inputs: Inputs, verdicts: Verdicts) -> Iterator[Found]:
    """All is refused, nothing is stored, and each connection goes on."""
    before, found, connections = inputs.rows(), Found(), inputs.api.connections
    yield found
    verdicts.only("answers", found.statuses, {400, 415, 422})
    verdicts.none("answers that are no problem, or name another field", found.wrong)
    after = inputs.rows()
    verdicts.none("tables with other rows", [name for name in after if after[name] != before[name]])
    verdicts.at_most("connections it took", inputs.api.connections - connections, 1)


def operations(inputs: Inputs) -> list[Operation]:
    """Every operation that takes a body."""
    found = []
    for path, methods in inputs.document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {"content": {JSON: None}})["content"][JSON]
            if content:
                schema = inputs.schema(content["schema"])
                body = dict(content["example"])
                if "projectId" in body:
                    body["projectId"] = inputs.ids["project_id"]
                found.append(Operation(method.upper(), inputs.address(path), body, schema))
    return found


def fields_of(inputs: Inputs, schema: Schema, body: dict[str, Any]) -> Iterator[tuple[Place, Schema]]:
    """Every field of a body with its schema, those of objects in its lists as well."""
    for name, each in schema.get("properties", {}).items():
        each = inputs.schema(each)
        yield (name,), each
        inner = inputs.schema(each.get("items", {}))
        if "properties" in inner and body.get(name):
            for path, deeper in fields_of(inputs, inner, body[name][0]):
                yield (name, 0, *path), deeper


def tries(inputs: Inputs, values: Values) -> list[Try]:
    """Every wrong value in every field."""
    return [
        Try(operation, path, raw, (frozenset(map(str, kinds_of(schema))), raw[:20]))
        for operation in operations(inputs)
        for path, schema in fields_of(inputs, operation.schema, operation.body)
        for raw in values(schema)
    ]


def send(inputs: Inputs, found: Found, attempts: Iterable[Try]) -> None:
    for operation, path, raw, _kind in attempts:
        body = with_field(operation.body, path, raw)
        answer = inputs.api.ask(operation.method, operation.path, body, JSON)
        found.note(answer, (operation.method, operation.path, path, raw[:40]), names=str(path[0]))


@case("F01")
@sizes(QUICK, FULL)
def test_no_field_takes_what_is_no_text(inputs: Inputs, size: int, verdicts: Verdicts) -> None:
    """NUL, half a surrogate pair, one character too many, a megabyte; bodies that are not UTF-8."""
    with nothing_stored(inputs, verdicts) as found:
        send(inputs, found, chosen(tries(inputs, wrong_texts), size))
        long = [each for each in tries(inputs, lambda _: [A_MEGABYTE]) if "string" in str(each.kind)]
        send(inputs, found, chosen(long, size // 50))
        for method, path, body, _schema in operations(inputs):
            for raw in not_in_utf8(body):
                found.note(inputs.api.ask(method, path, raw, JSON), (method, path, raw[:40]))


@case("F03")
@sizes(QUICK, FULL)
def test_no_field_takes_what_is_no_number(inputs: Inputs, size: int, verdicts: Verdicts) -> None:
    """Beyond 64 bits, 5,000 digits, 1.5, true, an Arabic digit, NaN, Infinity, 1e400, -0; ids as well."""
    with nothing_stored(inputs, verdicts) as found:
        send(inputs, found, chosen(tries(inputs, wrong_numbers), size))


@case("F03")
@sizes(QUICK, FULL)
def test_no_address_takes_an_id_that_is_none(inputs: Inputs, size: int, verdicts: Verdicts) -> None:
    """Every id of every address, by every method that is there."""
    bodies = {(each.method, each.path): each.body for each in operations(inputs)}
    statuses: Counter[int] = Counter()
    attempts = [
        (method.upper(), path, part[1:-1], bad)
        for path, methods in inputs.document["paths"].items()
        for method in methods
        for part in path.split("/")
        for bad in NO_IDS
        if part.startswith("{")
    ]
    random.Random(4).shuffle(attempts)
    before = inputs.rows()
    wrong = []
    for method, path, part, bad in attempts[:size]:
        body = bodies.get((method, inputs.address(path)))
        none = bad.replace("%s", inputs.ids[part]).replace("%%", "%")
        address = inputs.address(path, **{part: urllib.parse.quote(none, safe="%")})
        raw = None if body is None else as_json(body)
        answer = inputs.api.ask(method, address, raw, JSON if raw else "")
        statuses[answer.status] += 1
        if answer.kind != "application/problem+json":
            wrong.append((method, address, answer.text[:100]))
    verdicts.only("answers to ids that are none", statuses, {400, 404, 422})
    verdicts.none("answers that are no problem", wrong)
    verdicts.holds("rows as before", inputs.rows() == before)


@case("F03")
@sizes(QUICK, FULL)
def test_no_query_takes_what_is_no_number(inputs: Inputs, size: int, verdicts: Verdicts) -> None:
    """Behind the question mark of every address of the API that takes a number, and of the pages that do."""
    attempts = [
        (inputs.address(path), parameter["name"], text)
        for path, methods in inputs.document["paths"].items()
        for parameter in methods.get("get", {}).get("parameters", [])
        if parameter["in"] == "query" and "integer" in kinds_of(parameter["schema"])
        for text in NO_NUMBERS
    ]
    random.Random(4).shuffle(attempts)
    with nothing_stored(inputs, verdicts) as found:
        for path, name, text in attempts[:size]:
            answer = inputs.api.ask("GET", f"{path}?{urllib.parse.urlencode({name: text})}")
            found.note(answer, (path, name, text[:40]), names=name)
        numbers = (("search", "q=x&page"), ("insights", "days"))
        pages = [(inputs.address(f"/projects/{{project_id}}/{page}/"), name) for page, name in numbers]
        statuses = Counter(
            inputs.page.ask("GET", f"{path}?{name}={urllib.parse.quote(text)}").status
            for path, name in pages
            for text in NO_NUMBERS
        )
        verdicts.only("answers of pages", statuses, {422})


@case("F04")
@sizes(QUICK, FULL)
def test_no_body_of_another_shape_is_taken(inputs: Inputs, size: int, verdicts: Verdicts) -> None:
    """Other types, null, unknown and doubled fields, lists, 100,000 levels, no body, another or no type."""
    with nothing_stored(inputs, verdicts) as found:
        send(inputs, found, chosen(tries(inputs, wrong_shapes), size))
        wholes = [
            (method, path, raw, JSON)
            for method, path, body, _schema in operations(inputs)
            for raw, _status in wrong_bodies(body)
        ]
        others = [
            (method, path, as_json(body) if body else b"", kind)
            for method, path, body, _schema in operations(inputs)
            for kind in (*OTHER_KINDS, "")
        ]
        for attempts in (wholes, others):
            random.Random(4).shuffle(attempts)
            for method, path, raw, kind in attempts[:size]:
                found.note(inputs.api.ask(method, path, raw, kind), (method, path, raw[:40], kind))
