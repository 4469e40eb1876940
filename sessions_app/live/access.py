"""Who may have a socket: looked up at connect, at every hint, and every few seconds in between.

Two kinds are let in: a page of ours by its browser's cookies, and a program by a bearer or a ticket.
"""

from __future__ import annotations

import datetime as dt
import functools
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
from django.http.request import split_domain_port, validate_host
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.utils.crypto import constant_time_compare

from sessions_app import clock
from sessions_app.db import queries
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.live.handshake import Handshake
from sessions_app.live.place import Version
from sessions_app.models import Membership, User
from sessions_app.models.bearers import Scope
from sessions_app.models.projects import Role
from sessions_app.services import limits, socket_tickets
from sessions_app.services.bearers import AgentCaller, PersonCaller, whose
from sessions_app.services.errors import TooMany, Unavailable


@dataclass(frozen=True, slots=True)
class Admission:
    """Who opened a page's socket, and what makes their sign-in valid."""

    user_id: UUID
    project_id: UUID
    session_key: str
    # Of the user's password: another password makes another one, and ends the sign-in.
    auth_hash: str
    csrf_token: str
    role: str


@dataclass(frozen=True, slots=True)
class ProgramAdmission:
    """Whose program opened a socket: a person's (by this sign-in, or the external issuer's), or an agent."""

    project_id: UUID
    user_id: UUID | None = None
    sign_in_id: UUID | None = None
    agent_token_id: UUID | None = None
    # A person's socket outlives no access token: the program comes back with a new one.
    ends_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
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
    name, _port = split_domain_port(host)
    is_ours = origin == settings.BASE_URL or validate_host(name, settings.ALLOWED_HOSTS)
    return is_ours and origin in (settings.BASE_URL, f"{scheme}://{host}")


def admit(handshake: Handshake, project_id: UUID) -> Admission | ProgramAdmission | None:
    """Whom a handshake lets in to this project's socket; None: nobody."""
    is_ours = handshake.origin is not None and is_our_origin(handshake.origin, handshake.host)
    if handshake.is_programs:
        may_ask = is_ours or handshake.origin in (None, *settings.CORS_ALLOWED_ORIGINS)
        return admit_program(handshake, project_id) if may_ask else None
    return admit_page(handshake.cookies, project_id) if is_ours else None


def admit_program(handshake: Handshake, project_id: UUID) -> ProgramAdmission | None:
    """The program whose ticket or bearer this is, if it may hear of this project; else None."""
    if handshake.ticket is not None:
        admission = _by_ticket(handshake.ticket, project_id)
    elif handshake.bearer is not None:
        admission = _by_bearer(handshake.bearer, project_id)
    else:
        return None
    if admission is None or rights([admission])[0].close_code:
        return None
    return admission


def _by_ticket(ticket: str, project_id: UUID) -> ProgramAdmission | None:
    taken = socket_tickets.take(ticket)
    if taken is None or taken.project_id != project_id:
        return None
    # The ticket is not told when its maker's token ends: it is good for as long as a new one would be.
    ends_at = clock.now() + dt.timedelta(minutes=settings.API_ACCESS_MINUTES) if taken.user_id else None
    return ProgramAdmission(project_id, taken.user_id, taken.sign_in_id, taken.agent_token_id, ends_at)


def _by_bearer(token: str, project_id: UUID) -> ProgramAdmission | None:
    try:
        caller = whose(token)
        if caller is not None:
            limits.count_call(caller.name)
    except (Unavailable, TooMany):
        # A handshake can only be refused; the program tries again as after any other refusal.
        return None
    match caller:
        case PersonCaller():
            return ProgramAdmission(
                project_id, user_id=caller.user.id, sign_in_id=caller.sign_in_id, ends_at=caller.ends_at
            )
        case AgentCaller():
            return ProgramAdmission(project_id, agent_token_id=caller.token_id)
        case None:
            return None


def admit_page(cookie_header: str, project_id: UUID) -> Admission | None:
    """The person a browser's cookies sign in, if they are a member; else None."""
    request = HttpRequest()
    request.COOKIES = _cookies(cookie_header)
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active or request.session.session_key is None:
        return None
    with acting_as(user.id, project_id):
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


def rights(admitted: Sequence[Admission | ProgramAdmission]) -> list[Right]:
    """What each of these may have now, in one look at the database.

    The many tabs of one browser stand on the same, which is looked up once.
    """
    stands_on = [_keys(admission) for admission in admitted]
    distinct = list(dict.fromkeys(stands_on))
    with acting_as_system({admission.project_id for admission in admitted}):
        columns = zip(*distinct, strict=True)
        rows = queries.rows("socket_rights", dict(zip(_KEYS, map(list, columns), strict=True)))
    found = {
        keys: (row, str(row["role"] or ""), Version(row["version"] or 0, row["member_version"] or 0))
        for keys, row in zip(distinct, rows, strict=True)
    }
    return [
        Right(_close_code(admission, row), role, version)
        for admission, (row, role, version) in zip(admitted, map(found.__getitem__, stands_on), strict=True)
    ]


_KEYS = ("projects", "users", "sessions", "sign_ins", "agent_tokens")


def _keys(admission: Admission | ProgramAdmission) -> tuple[UUID | str | None, ...]:
    """What an admission stands on, in the order of _KEYS."""
    if isinstance(admission, Admission):
        return admission.project_id, admission.user_id, admission.session_key, None, None
    return (
        admission.project_id,
        admission.user_id,
        None,
        admission.sign_in_id,
        admission.agent_token_id,
    )


def _close_code(admission: Admission | ProgramAdmission, row: dict[str, Any]) -> int:
    """Why a socket must be closed, or 0."""
    if isinstance(admission, ProgramAdmission):
        return _close_code_of_program(admission, row)
    if not (row["is_active"] and row["has_session"] and _is_password_of(admission.auth_hash, row)):
        return SIGNED_OUT
    # With a lesser role the whole page is another one: it comes back as what it may be now.
    is_less = not row["role"] or Role(row["role"]).rank < Role(admission.role).rank
    return LESS_RIGHT if is_less else 0


def _close_code_of_program(admission: ProgramAdmission, row: dict[str, Any]) -> int:
    if admission.agent_token_id is not None:
        if row["scopes"] is None:
            return SIGNED_OUT
        return 0 if Scope.LIVE in row["scopes"] else LESS_RIGHT
    is_over = admission.ends_at is not None and admission.ends_at <= clock.now()
    is_signed_in = admission.sign_in_id is None or _is_password_of(row["sign_in_hash"], row)
    if is_over or not row["is_active"] or not is_signed_in:
        return SIGNED_OUT
    return 0 if row["role"] else LESS_RIGHT


def _is_password_of(auth_hash: str | None, row: dict[str, Any]) -> bool:
    """Whether a sign-in was made with the password the person still has."""
    return auth_hash is not None and constant_time_compare(_auth_hash_of(row["password"] or ""), auth_hash)


# More people than have a page open in one process; making it anew takes longer than asking the database.
@functools.lru_cache(maxsize=10_000)
def _auth_hash_of(password: str) -> str:
    return User(password=password).get_session_auth_hash()


def _cookies(header: str) -> dict[str, str]:
    jar: http.cookies.SimpleCookie = http.cookies.SimpleCookie()
    try:
        jar.load(header)
    except http.cookies.CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}
