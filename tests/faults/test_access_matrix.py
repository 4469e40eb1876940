"""G01: who gets what. Every route, however it is declared, by every method and every kind of caller."""

from __future__ import annotations

import json
import statistics
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api import table as api_table
from tests.faults import access_routes
from tests.faults.access import AGENTS, ELSEWHERE, EVERY_SCOPE, Access, Caller
from tests.faults.access_cells import Extent, ask_all, chosen, operation_cells, page_cells
from tests.faults.access_people import ROLES
from tests.faults.access_routes import Column
from tests.faults.answers import shake
from tests.faults.asking import Client, Told, json_rpc
from tests.faults.cases import case
from tests.faults.conftest import running
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts


@pytest.fixture(scope="module")
def access() -> Iterator[Access]:
    """A product of its own: so many calls are more than the usual limit lets anybody make in a minute."""
    with running(API_CALLS_PER_MINUTE="1000000") as product:
        yield Access.to(product)


@case("G01")
def test_every_route_is_one_of_the_table(access: Access, verdicts: Verdicts) -> None:
    """As the URL configuration, the API's own document, the socket routes and MCP's tools declare them."""
    routes = access_routes.every_route()
    verdicts.none("routes nobody thought of", [route for route in routes if route.column is Column.NONE])
    client = Client(access.product.web.port)
    told = client.ask("GET", "/api/openapi.json")
    client.close()
    documented = {
        operation["operationId"]
        for methods in json.loads(told.text)["paths"].values()
        for operation in methods.values()
    }
    declared = {r.name.removeprefix("api:api_") for r in routes if r.column is Column.OPERATION}
    differences = documented ^ declared | documented ^ set(api_table.TABLE)
    verdicts.none("operations of the document, the addresses or the table alone", differences)
    verdicts.only("socket routes", access_routes.sockets(), {"projects/<uuid:project_id>/live/"})
    untried = set(access_routes.tools()) ^ set(access_routes.TOOL_ARGUMENTS)
    verdicts.none("MCP tools nobody thought of", untried)


@case("G01")
@sizes(Extent(takes_turns=True), Extent(takes_turns=False))
@pytest.mark.timeout(900)
def test_every_route_by_every_caller(access: Access, size: Extent, verdicts: Verdicts) -> None:
    """First whoever is refused, which changes nothing; then whoever may."""
    cells = [*page_cells(access, size), *operation_cells(access, size)]
    refused, granted = [c for c in cells if c.is_refused], [c for c in cells if not c.is_refused]
    before = access.picture()
    wrong = ask_all(access, refused)
    after = access.picture()
    wrong += ask_all(access, granted)
    verdicts.none(f"deviations in {len(cells):,} cells of pages and operations", wrong)
    changed = [table for table, rows in before.items() if after[table] != rows]
    verdicts.none(f"tables that {len(refused):,} refused calls changed", changed)


@case("G01")
def test_a_hidden_project_is_like_a_missing_one(access: Access, verdicts: Verdicts) -> None:
    """To the byte and the header, and within noise to the millisecond, on every route of a project."""
    differing: list[str] = []
    seconds: dict[str, list[float]] = {"hidden": [], "missing": []}
    pages, programs = "non-member by cookie", "non-member by bearer"
    for caller, known in (
        (pages, "pages"),
        (programs, "operations"),
        (f"{ELSEWHERE} by bearer", "operations"),
    ):
        client = access.client(access.by(caller))
        for call in access.told[known]:
            if call["caller"] or access.told["project"] not in json.dumps(call):
                continue
            asked_for = {"hidden": call, "missing": missing_like(call, access.told["project"])}
            answers = {}
            for kind, one in asked_for.items():
                form = one.get("form") if one["method"] == "POST" else None
                started = time.perf_counter()
                answers[kind] = client.ask(one["method"], one["path"], form=form, body=one.get("body"))
                seconds[kind].append(time.perf_counter() - started)
            if bare(answers["hidden"]) != bare(answers["missing"]):
                differing.append(f"{caller}: {call['method']} {call['name']}: {answers}")
        client.close()
    verdicts.none(f"of {len(seconds['hidden'])} routes, those that tell hidden from missing", differing)
    medians = [statistics.median(taken) for taken in seconds.values()]
    verdicts.at_most("time of the one beside the other, medians", max(medians) / min(medians), 1.5, "x")


def missing_like(call: dict[str, Any], project: str) -> dict[str, Any]:
    """The same call about a project that is not there."""
    return json.loads(json.dumps(call).replace(project, str(uuid.uuid4())))


def bare(told: Told) -> tuple[int, str, dict[str, str]]:
    """An answer without what differs in every one."""
    headers = {name.lower(): value for name, value in told.headers.items()}
    for own in ("x-request-id", "date"):
        headers.pop(own, None)
    return told.status, told.text, headers


@case("G01")
@sizes(Extent(takes_turns=True), Extent(takes_turns=False))
def test_no_other_method_is_there(access: Access, size: Extent, verdicts: Verdicts) -> None:
    """405 for a method that an address does not know, whoever asks; TRACE and CONNECT nowhere at all."""
    clients = [access.client(access.by(name)) for name in ("owner by cookie", "anonymous", "owner by bearer")]
    wrong, tried = [], 0
    known: dict[str, set[str]] = defaultdict(set)
    for method, path in api_table.OPERATIONS.values():
        known[path] |= {method} | ({"HEAD"} if method == "GET" else set())
    calls = {
        call["name"]: call for call in access.told["pages"] + access.told["operations"] if not call["caller"]
    }
    for turn, (name, call) in enumerate(calls.items()):
        there = (
            known[api_table.OPERATIONS[name][1]] if name in api_table.OPERATIONS and "body" in call else None
        )
        methods = [m for m in ("PUT", "PATCH", "DELETE", "TRACE", "BREW") if m not in (there or ())]
        for place, method in enumerate(methods):
            for client in clients[:: 1 if there is None else 2]:
                if size.takes_turns and (turn + place) % 3:
                    continue
                tried += 1
                told = client.ask(method, call["path"])
                if told.status != 405 or not told.headers.get("Allow"):
                    wrong.append(f"{method} {name}: {told.status}")
    connected = {clients[0].ask("CONNECT", path).status for path in ("/", "/api/projects", "/livez")}
    for client in clients:
        client.close()
    verdicts.none(f"of {tried:,} calls by unknown methods, those not answered 405", wrong)
    verdicts.only("CONNECT", connected, {405, 501})


@case("G01")
@sizes(Extent(takes_turns=True), Extent(takes_turns=False))
def test_the_admin_the_accounts_and_the_document(access: Access, size: Extent, verdicts: Verdicts) -> None:
    """Who sees them: staff as far as their permissions go, everybody their own account."""
    wrong, tried = [], 0
    clients = {caller: access.client(caller) for caller in access.callers}
    routes = [r for r in access_routes.every_route() if r.column not in (Column.PAGE, Column.OPERATION)]
    for turn, route in enumerate(routes):
        path = access_routes.plain_path(route, access.told["rows"])
        for caller in chosen(access.callers, size, turn, "inspects"):
            tried += 1
            told = clients[caller].ask("GET", path)
            if told.status not in access_routes.wanted(route, caller.pages):
                wrong.append(f"{caller.name}: {path}: {told.status}")
    for client in clients.values():
        client.close()
    verdicts.none(f"deviations in {tried:,} cells of the admin, accounts and the document", wrong)


@case("G01")
def test_sockets_and_tools(access: Access, verdicts: Verdicts) -> None:
    """A socket for members and agents that may listen; MCP's tools for agents with their scope."""
    wrong, tools = [], access_routes.tools()
    for caller in access.callers:
        who = caller.api if caller.bearer else caller.pages
        may_listen = who in (*ROLES, EVERY_SCOPE, f"{AGENTS}live")
        status = handshake(access, caller)
        if status != (101 if may_listen else 403):
            wrong.append(f"{caller.name}: socket: {status}")
        client = access.client(caller)
        for name, arguments in access_routes.TOOL_ARGUMENTS.items():
            told = client.ask("POST", "/mcp", body=json_rpc("tools/call", name=name, arguments=arguments))
            found = is_error(told) if told.status == 200 else told.status
            if found != tool_wanted(caller.api, tools[name]):
                wrong.append(f"{caller.name}: {name}: {told.status} {told.text[:150]}")
        client.close()
    verdicts.none(f"deviations of {len(access.callers)} callers at the socket and {len(tools)} tools", wrong)


def tool_wanted(who: str, scope: str) -> int | bool:
    """A status of the door, or whether the tool refuses."""
    if who == "anonymous" or who == "deactivated":
        return 401
    if not who.startswith("agent"):
        return 403
    return who not in (EVERY_SCOPE, ELSEWHERE, f"{AGENTS}{scope}")


def is_error(told: Told) -> bool:
    return bool(json.loads(told.text)["result"].get("isError"))


def handshake(access: Access, caller: Caller) -> int:
    """The status a socket's handshake is answered with: a page's by its cookie, a program's by its bearer."""
    port = access.product.web.port
    own = f"Authorization: Bearer {caller.bearer}" if caller.bearer else f"Cookie: sessionid={caller.cookie}"
    path = f"/projects/{access.told['project']}/live/"
    line, status = shake(port, path, f"Origin: http://127.0.0.1:{port}", own)
    line.tcp.close()
    return status
