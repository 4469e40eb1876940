"""Who may have a socket: looked up at connect, at every hint, and every few seconds in between."""

from __future__ import annotations

import http.cookies
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.request import validate_host
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.utils.crypto import constant_time_compare

from sessions_app.db import queries
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.live.place import Version
from sessions_app.models import Membership, User
from sessions_app.models.projects import Role


@dataclass(frozen=True)
class Admission:
    """Who opened a socket, and what makes their sign-in valid."""

    user_id: UUID
    project_id: UUID
    session_key: str
    # Of the user's password: another password makes another one, and ends the sign-in.
    auth_hash: str
    csrf_token: str
    role: str


@dataclass(frozen=True)
class Right:
    """What a socket may have now. `close_code`: 0, or why it must be closed."""

    close_code: int
    role: str
    version: Version


SIGNED_OUT = 4401
LESS_RIGHT = 4403


def is_our_origin(origin: str, host: str) -> bool:
    """Whether a browser's Origin is exactly our own: scheme, host and port.

    It must be the address this very request went to, and that one of ours: a page on another port of
    the same machine is a stranger.
    """
    scheme = urlsplit(settings.BASE_URL).scheme
    name = urlsplit(f"//{host}").hostname or ""
    is_ours = origin == settings.BASE_URL or validate_host(name, settings.ALLOWED_HOSTS)
    return is_ours and origin in (settings.BASE_URL, f"{scheme}://{host}")


def admit(cookie_header: str, project_id: UUID) -> Admission | None:
    """The person a browser's cookies sign in, if they are a member; else None."""
    request = HttpRequest()
    request.COOKIES = _cookies(cookie_header)
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active or request.session.session_key is None:
        return None
    with acting_as(user.id):
        membership = Membership.objects.filter(user_id=user.id, project_id=project_id).first()
    if membership is None:
        return None
    # As the page's forms carry it: panels that are pushed hold forms too.
    CsrfViewMiddleware(lambda _request: None).process_request(request)  # type: ignore[arg-type]
    return Admission(
        user_id=user.id,
        project_id=project_id,
        session_key=request.session.session_key,
        auth_hash=user.get_session_auth_hash(),
        csrf_token=get_token(request),
        role=membership.role,
    )


def rights(admitted: Sequence[Admission]) -> list[Right]:
    """What each of these may have now, in one look at the database."""
    with acting_as_system({admission.project_id for admission in admitted}):
        rows = queries.rows(
            "socket_rights",
            {
                "projects": [admission.project_id for admission in admitted],
                "users": [admission.user_id for admission in admitted],
                "sessions": [admission.session_key for admission in admitted],
            },
        )
    return [_right(admission, row) for admission, row in zip(admitted, rows, strict=True)]


def _right(admission: Admission, row: dict[str, Any]) -> Right:
    user = User(id=admission.user_id, password=row["password"] or "")
    signed_in = (
        row["is_active"]
        and row["has_session"]
        and constant_time_compare(user.get_session_auth_hash(), admission.auth_hash)
    )
    role = str(row["role"] or "")
    # With a lesser role the whole page is another one: it comes back as what it may be now.
    is_less = not role or Role(role).rank < Role(admission.role).rank
    code = SIGNED_OUT if not signed_in else LESS_RIGHT if is_less else 0
    return Right(code, role, Version(row["version"] or 0, row["member_version"] or 0))


def _cookies(header: str) -> dict[str, str]:
    jar: http.cookies.SimpleCookie = http.cookies.SimpleCookie()
    try:
        jar.load(header)
    except http.cookies.CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}
