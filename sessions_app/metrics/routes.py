"""What a request's address is called in figures and logs: the route's template, never the address itself."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve

from sessions_app.metrics.intake import DOORS, Door

UNKNOWN = "unknown"
STATIC = "static"
MCP = "mcp"
# Refused by the server itself, mostly before all of it was here, or given up by it.
UNREAD = "unread"
# The addresses under a prefix that lead nowhere have one template there: it is none.
_NOWHERE = {"no_such_call"}


def match_of(request: HttpRequest) -> ResolverMatch | None:
    """Where a request leads; also of one that was refused before Django looked."""
    if request.resolver_match is not None:
        return request.resolver_match
    if request.path_info.startswith(settings.STATIC_PATH):
        return None
    return _found(request.path_info)


def route_of(request: HttpRequest, match: ResolverMatch | None) -> str:
    """The route's template, or one word for all that have none."""
    if match is None:
        return STATIC if request.path_info.startswith(settings.STATIC_PATH) else UNKNOWN
    return UNKNOWN if match.url_name in _NOWHERE else f"/{match.route}"


def template_at(path: str) -> str:
    """The route's template of an address that leads somewhere."""
    return f"/{resolve(path).route}"


def door_at(path: str) -> Door | None:
    """The intake's door at an address of which nothing else is known."""
    match = _found(path)
    return DOORS.get(match.url_name or "") if match else None


def _found(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except (Resolver404, UnicodeError):
        return None
