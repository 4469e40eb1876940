"""Who is let in to a socket, by whatever the handshake brings; for how long: live/rights.py.

Two kinds are let in: a page of ours by its browser's cookies, and a program by a bearer or a ticket.
"""

from __future__ import annotations

import datetime as dt
import http.cookies
from importlib import import_module
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.middleware.csrf import CsrfViewMiddleware, get_token

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.live.admissions import Admission, ProgramAdmission
from sessions_app.live.handshake import Handshake
from sessions_app.live.rights import Standing
from sessions_app.models import Membership, User
from sessions_app.services import limits, socket_tickets
from sessions_app.services.bearers import AgentCaller, PersonCaller, whose
from sessions_app.services.errors import TooMany, Unavailable


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
    if admission is None or Standing([admission]).rights()[0].close_code:
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


def _cookies(header: str) -> dict[str, str]:
    jar: http.cookies.SimpleCookie = http.cookies.SimpleCookie()
    try:
        jar.load(header)
    except http.cookies.CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}
