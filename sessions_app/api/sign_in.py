"""Sign in for an access token, refresh it, sign out; and tickets for sockets."""

from __future__ import annotations

import hashlib
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from pydantic import Field

from sessions_app.api.door import ApiRequest, May, Place, operation
from sessions_app.api.reading import Body, Id
from sessions_app.api.showing import Data, Done, Shown
from sessions_app.models.bearers import Scope
from sessions_app.models.projects import Role
from sessions_app.services import sign_ins, socket_tickets
from sessions_app.services.sign_ins import Tokens
from sessions_app.services.texts import EMAIL_MAX_CHARACTERS

router = Place("/auth", "Signing in")


class SignIn(Body):
    email: str = Field(min_length=1, max_length=EMAIL_MAX_CHARACTERS)
    password: str = Field(min_length=1, max_length=1024)


class RefreshToken(Body):
    refresh_token: str = Field(min_length=1, max_length=200)


class TicketFor(Body):
    project_id: Id


class TokensShown(Shown):
    """`expires_in` are the seconds of the access token; the refresh token works once."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    user_id: UUID


class TicketShown(Shown):
    """Opens `url` once, within `expires_in` seconds."""

    ticket: str
    url: str
    expires_in: int


def _email(body: SignIn) -> str:
    return hashlib.sha256(body.email.strip().lower().encode()).hexdigest()


def _family(body: RefreshToken) -> str:
    return hashlib.sha256(body.refresh_token.encode("utf-8", "replace")).hexdigest()


@operation(
    router,
    "POST",
    "/token",
    gives={200: Data[TokensShown]},
    may=None,
    sign_in_name=_email,
    example={"email": "ann@example.org", "password": "…"},
)
def token_create(request: ApiRequest, body: SignIn) -> Data[TokensShown]:
    """Sign in by e-mail and password."""
    return _shown(sign_ins.sign_in(body.email, body.password, client=get_adapter().get_client_ip(request)))


@operation(
    router,
    "POST",
    "/refresh",
    gives={200: Data[TokensShown]},
    may=None,
    sign_in_name=_family,
    example={"refreshToken": "lor_…"},
)
def token_refresh(request: ApiRequest, body: RefreshToken) -> Data[TokensShown]:
    """Take new tokens for a refresh token, which works once: used again, it ends the whole sign-in."""
    return _shown(sign_ins.refresh(body.refresh_token))


@operation(
    router,
    "POST",
    "/revoke",
    gives={200: Done},
    may=None,
    sign_in_name=_family,
    example={"refreshToken": "lor_…"},
)
def token_revoke(request: ApiRequest, body: RefreshToken) -> Done:
    """Sign out: the access tokens of this sign-in end with it. Twice is fine."""
    sign_ins.revoke(body.refresh_token)
    return Done(message="Signed out.")


@operation(
    router,
    "POST",
    "/ticket",
    gives={201: Data[TicketShown]},
    may=May(Role.VIEWER, Scope.LIVE),
    example={"projectId": "6d1f4c1e-8f0a-4b57-9a53-0d6f0c1f2a10"},
)
def socket_ticket(request: ApiRequest, body: TicketFor) -> Data[TicketShown]:
    """A one-time ticket for the project's socket, which tells that something changed.

    It says `{"type": "beat", "epoch", "version"}` first and every 3 s, and after each change
    `{"type": "changed", "since": <the project's version you knew>}`: ask `/changes?after=` with it. `reload`
    means that nothing you know counts any more. Add `&since=<epoch>:<version>` to the address when you come
    back. It is closed with 4401 when you are signed out or your access token has ended, with 4403 when you
    are no member any more. Whoever can send headers opens the same address with `Authorization: Bearer`.
    """
    ticket = socket_tickets.make_ticket(request.caller, body.project_id)
    base = settings.BASE_URL.replace("http", "ws", 1)
    return Data(
        data=TicketShown(
            ticket=ticket,
            url=f"{base}/projects/{body.project_id}/live/?ticket={ticket}",
            expires_in=socket_tickets.TICKET_SECONDS,
        )
    )


def _shown(tokens: Tokens) -> Data[TokensShown]:
    return Data(
        data=TokensShown(
            access_token=tokens.access_token,
            token_type="Bearer",  # noqa: S106 -- the scheme's name
            expires_in=tokens.expires_in,
            refresh_token=tokens.refresh_token,
            user_id=tokens.user.id,
        )
    )
