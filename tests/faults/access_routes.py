"""Every route of the product, found where it is declared, and the column of the access table it is of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

from sessions_app.live import routing
from sessions_app.mcp import door
from sessions_app.mcp.tools import TOOLS
from tests.api.table import TABLE as OPERATIONS
from tests.faults.access import NOBODY
from tests.views.table import TABLE as PAGES


class Column(StrEnum):
    """A column of the access table; NONE: nobody thought of it yet."""

    PAGE = "a page or verb of tests/views/table.py"
    OPERATION = "an operation of tests/api/table.py"
    SCHEMA = "the API's document"
    ACCOUNT = "an account's own pages"
    ADMIN = "the admin"
    NOWHERE = "an address that leads nowhere, whoever asks"
    NONE = "none"


class Route(NamedTuple):
    """One address as it is declared."""

    name: str
    pattern: str
    column: Column


SCHEMA = {"api:openapi-json", "api:openapi-view"}
NOWHERE = {"api:api-root", "no_such_call"}
# Status for whoever is not signed in, and for whoever is; by allauth, whose forms lead on by redirects.
ACCOUNT = {
    "account_login": (200, 302),
    "account_signup": (200, 302),
    "account_logout": (302, 200),
    "account_inactive": (200, 200),
    "account_reauthenticate": (302, 200),
    "account_email": (302, 200),
    "account_email_verification_sent": (200, 200),
    "account_change_password": (302, 200),
    "account_set_password": (302, 302),
    "account_reset_password": (200, 200),
    "account_reset_password_done": (200, 200),
    "account_reset_password_from_key": (200, 200),
    "account_reset_password_from_key_done": (200, 200),
    "account_confirm_email": (200, 200),
    "account_confirm_login_code": (302, 302),
}
# What is the same for everybody.
ANYBODY = {"^admin/r/": 404, "admin/r/<path:content_type_id>/<path:object_id>/": 404}
ANYBODY |= {"admin/password_change/": 302}
# What staff get of the admin's own pages; whoever is none is led to its sign-in.
ADMIN = {
    "": 302,
    "admin:index": 200,
    "admin:login": 302,
    "admin:logout": 405,
    "admin:password_change_done": 200,
    "admin:jsi18n": 200,
    "admin:autocomplete": 403,
}
# What a superuser gets of a kind of row, by the page's last word; staff without a permission get 403. A job
# may be done meanwhile, and new rows but people's are made elsewhere; nothing is deleted there.
ROWS = {"changelist": {200}, "add": {200, 403}, "history": {200, 302}, "change": {200, 302}, "delete": {403}}
# As the SDK's client would call each tool with what it needs at least.
TOOL_ARGUMENTS = {
    "get_briefing": {},
    "post_activity": {"action": "looks"},
    "ask_question": {"question": "What may the lamp cost?"},
    "record_decision": {"title": "A lamp of brass", "reason": "It lasts"},
    "report_blocker": {"text": "Nobody knows the price", "type": "information"},
    "hand_off": {"summary": "The lamp is next."},
}


def every_route() -> list[Route]:
    """All that the URL configuration declares."""
    return [Route(name, pattern, column_of(name, pattern)) for name, pattern in _declared(get_resolver())]


def column_of(name: str, pattern: str) -> Column:
    """Of which column a route is."""
    if name in PAGES:
        return Column.PAGE
    if name.removeprefix("api:api_") in OPERATIONS and pattern.startswith("api/"):
        return Column.OPERATION
    if name in SCHEMA:
        return Column.SCHEMA
    if name in NOWHERE:
        return Column.NOWHERE
    if name in ACCOUNT:
        return Column.ACCOUNT
    return Column.ADMIN if pattern.lstrip("^").startswith("admin/") else Column.NONE


def wanted(route: Route, who: str) -> set[int]:
    """What a GET of a route in neither table must come to, for somebody as the pages take them."""
    match route.column:
        case Column.SCHEMA:
            return {200}
        case Column.NOWHERE:
            return {404}
        case Column.ACCOUNT:
            return {ACCOUNT[route.name][who not in NOBODY]}
    if route.pattern in ANYBODY:
        return {ANYBODY[route.pattern]}
    if who in ("staff", "superuser"):
        return _wanted_by_staff(route, is_super=who == "superuser")
    return {403 if route.pattern == "admin/login/" and who not in NOBODY else 302}


def _wanted_by_staff(route: Route, *, is_super: bool) -> set[int]:
    if route.name == "admin:app_list":
        return {200 if is_super else 404}
    if route.name in ADMIN:
        return {ADMIN[route.name]}
    if route.name == "admin:":
        # The old address of a row, or whatever else there is under /admin/.
        return {302 if "object_id" in route.pattern else 404}
    return ROWS[route.name.rpartition("_")[2]] if is_super else {403}


def plain_path(route: Route, rows: dict[str, str]) -> str:
    """An address of a route; in the admin with the key of a row that is there."""
    model = re.sub(r"^admin:|_(changelist|add|history|delete|change)$", "", route.name)
    path = route.pattern.replace("<path:object_id>", rows.get(model, "1"))
    path = path.replace("<id>", rows["sessions_app_user"])
    path = re.sub(r"\(\?P<app_label>.*?\)", "sessions_app", path)
    path = re.sub(r"\(\?P<url>.*?\)|<path:\w+>|\(\?P<\w+>[^)]*\)", "1-x", path)
    return "/" + re.sub(r"[\^$]", "", path)


def sockets() -> list[str]:
    """The addresses of sockets."""
    return [str(pattern).removeprefix("/") for pattern, _ in routing.ROUTES]


def tools() -> dict[str, str]:
    """Every tool at MCP's door, and the scope it needs."""
    assert door.PATHS == ("/mcp", "/mcp/")
    return {name: str(tool.scope) for name, tool in TOOLS.items()}


def _declared(resolver: URLResolver, spaces: str = "", before: str = "") -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield f"{spaces}{entry.name or ''}", pattern
        else:
            yield from _declared(entry, f"{spaces}{entry.namespace}:" if entry.namespace else spaces, pattern)
