"""F: no field of any JSON body takes what it must not, at the API, at MCP's tools, at the socket."""

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
from tests.commands.raw import RawSocket
from tests.faults.cases import case
from tests.faults.inputs import JSON, Answer, Inputs, as_json
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts

A_MEGABYTE = json.dumps("x" * 1_000_000).encode()
# How many more than one of each kind are tried.
QUICK, FULL = 50, 10_000
NONSENSE, TOO_BIG = 1008, 1009
# What a socket must not hear.
NO_MESSAGES = (
    *(b"", b"hello", b"5", b"null", b"[]", b"{}", b"NaN", b"\xef\xbb\xbf{}", b'{"a":' * 800),
    *(b'{"since": null}', b'{"since": 5}', b'{"since": "x"}', b'{"since": "a:-1.0"}'),
    *(b'{"since": "\\u0000"}', b'{"since": "\\ud800"}', b'{"since": "a:' + b"9" * 40 + b'.1"}'),
    *(b'{"since": "a:1.1", "since": "a:1.1"}', b'{"since": "a:1.1", "more": 1}'),
)

# Where in a body: names of fields, numbers in lists.
Place = tuple[str | int, ...]
Values = Callable[[Schema], Iterable[bytes]]


class Operation(NamedTuple):
    """An operation of the document that takes a body, and a body that fits."""

    method: str
    path: str
    body: dict[str, Any]
    schema: Schema


class Try(NamedTuple):
    """One field of one body with one wrong value; `kind` says which others are of the same kind."""

    where: Operation | str
    field: Place
    raw: bytes
    kind: object


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


def fields_of(
    inputs: Inputs, schema: Schema, body: dict[str, Any]
) -> Iterator[tuple[tuple[str | int, ...], Schema]]:
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


def chosen(all_of_them: list[Try], more: int) -> list[Try]:
    """One of each kind, and so many more."""
    dice = random.Random(4)
    dice.shuffle(all_of_them)
    of_each_kind = list({each.kind: each for each in all_of_them}.values())
    return [*of_each_kind, *all_of_them[:more]]


def send(inputs: Inputs, found: Found, attempts: Iterable[Try]) -> None:
    for operation, path, raw, _kind in attempts:
        assert isinstance(operation, Operation)
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


@case("F04")
@sizes(QUICK, FULL)
def test_no_tool_takes_what_it_must_not(inputs: Inputs, size: int, verdicts: Verdicts) -> None:
    """MCP: every argument of every tool."""
    listed = call(inputs, {"method": "tools/list"})
    tools = json.loads(listed.text)["result"]["tools"]
    attempts = [
        Try(tool["name"], (name,), raw, (frozenset(map(str, kinds_of(schema))), raw[:20]))
        for tool in tools
        for name, schema in tool["inputSchema"]["properties"].items()
        for values in (wrong_texts, wrong_numbers, wrong_shapes)
        for raw in values(schema)
        # There null is the same as left out.
        if raw != b"null"
    ]
    fitting = {tool["name"]: arguments(tool["inputSchema"]) for tool in tools}
    before, wrong = inputs.rows(), []
    for tool, (name,), raw, _kind in chosen(attempts, size):
        given = fitting[str(tool)] | {str(name): "☃"}
        request = {"method": "tools/call", "params": {"name": tool, "arguments": given}}
        answer = call(inputs, request, raw)
        is_refusal = answer.status == 400 or json.loads(answer.text)["result"]["isError"]
        if not is_refusal or (answer.status == 200 and f"`{name}" not in answer.text):
            wrong.append((tool, name, raw[:40], answer.status, answer.text[:200]))
    verdicts.none("tools that took it, or did not name the argument", wrong)
    verdicts.holds("rows as before", inputs.rows() == before)


def call(inputs: Inputs, request: dict[str, Any], raw: bytes = b"") -> Answer:
    """One JSON-RPC request; `raw` stands in the place of a snowman."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, **request}).encode().replace(b'"\\u2603"', raw)
    return inputs.agent.ask("POST", "/mcp", body, JSON)


def arguments(schema: Schema) -> dict[str, Any]:
    """Arguments that fit, those that must be there only."""
    return {
        name: (schema["properties"][name].get("enum") or ["Something"])[0]
        for name in schema.get("required", [])
    }


@case("F04")
@sizes(QUICK, FULL)
def test_a_socket_hears_its_one_message_and_no_other(inputs: Inputs, size: int, verdicts: Verdicts) -> None:
    """Whatever else is said ends it, with 1008, or 1009 for what is too long."""
    before = inputs.rows()
    codes = Counter(closed_with(inputs, message) for message in NO_MESSAGES[:size])
    verdicts.only("a socket's end after nonsense", codes, {NONSENSE})
    too_long = b'"' + b"x" * 5_000 + b'"'
    verdicts.only("a socket's end after too much", [closed_with(inputs, too_long)], {TOO_BIG})
    verdicts.holds("rows as before", inputs.rows() == before)


def closed_with(inputs: Inputs, message: bytes) -> int:
    """Open a socket, say this, and read on until it is closed; returns with which code."""
    line = RawSocket(inputs.product.web.port)
    try:
        head = line.open(inputs.browser, inputs.address("/projects/{project_id}/live/?since=a:0.0"))
        assert " 101 " in head, head
        line.say(message)
        return line.close_code()
    finally:
        line.tcp.close()
