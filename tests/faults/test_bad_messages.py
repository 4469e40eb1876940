"""F: no tool of MCP takes what it must not, nor does a live socket."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from tests.bad_values import Schema, kinds_of, wrong_numbers, wrong_shapes, wrong_texts
from tests.commands.raw import RawSocket
from tests.faults.cases import case
from tests.faults.inputs import JSON, Answer, Inputs
from tests.faults.sizes import sizes
from tests.faults.tries import FULL, QUICK, Try, chosen
from tests.faults.verdicts import Verdicts

NONSENSE, TOO_BIG = 1008, 1009
# What a socket must not hear.
NO_MESSAGES = (
    *(b"", b"hello", b"5", b"null", b"[]", b"{}", b"NaN", b"\xef\xbb\xbf{}", b'{"a":' * 800),
    *(b'{"since": null}', b'{"since": 5}', b'{"since": "x"}', b'{"since": "a:-1.0"}'),
    *(b'{"since": "\\u0000"}', b'{"since": "\\ud800"}', b'{"since": "a:' + b"9" * 40 + b'.1"}'),
    *(b'{"since": "a:1.1", "since": "a:1.1"}', b'{"since": "a:1.1", "more": 1}'),
)


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
