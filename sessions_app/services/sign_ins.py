"""People's sign-ins at the API: a short access token, and a refresh token that works once."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import constant_time_compare

from sessions_app import clock
from sessions_app.models import ApiSignIn, User
from sessions_app.services import access_tokens, limits
from sessions_app.services.errors import SignInRefused

PREFIX = "lor_"
SECRET_BYTES = 32
# Ended and expired sign-ins are kept so long to be looked at.
KEPT_DAYS = 30
# As many tries as the sign-in page allows.
TRIES_A_CLIENT, CLIENT_SECONDS = 30, 60
TRIES_AN_EMAIL, EMAIL_SECONDS = 10, 300

_REFUSED = "E-mail or password are not right."
_OVER = "This refresh token is not good (any more): sign in again."


@dataclass(frozen=True)
class Tokens:
    """What a sign-in gives; `expires_in` are the seconds of the access token."""

    access_token: str
    refresh_token: str
    expires_in: int
    user: User


def sign_in(email: str, password: str, *, client: str) -> Tokens:
    """Sign a person in by e-mail and password.

    `client` is the address they come from. Raises SignInRefused in the same words whatever is wrong,
    TooMany after too many tries for one e-mail or from one client.
    """
    name = hashlib.sha256(email.strip().lower().encode("utf-8", "replace")).hexdigest()
    limits.count(f"sign-in-from:{client}", most=TRIES_A_CLIENT, seconds=CLIENT_SECONDS)
    limits.count(f"sign-in-of:{name}", most=TRIES_AN_EMAIL, seconds=EMAIL_SECONDS)
    user = authenticate(None, username=email.strip().lower(), password=password)
    if not isinstance(user, User) or not user.is_active:
        raise SignInRefused(_REFUSED)
    sign_in_id, secret = uuid.uuid4(), secrets.token_urlsafe(SECRET_BYTES)
    now = clock.now()
    ApiSignIn.objects.create(
        id=sign_in_id,
        user=user,
        refresh_hash=_hash(secret),
        auth_hash=user.get_session_auth_hash(),
        refreshed_at=now,
        expires_at=_expiry(now),
        created_at=now,
    )
    return _tokens(user, sign_in_id, secret)


def refresh(token: str) -> Tokens:
    """Take new tokens for a refresh token, which is used up by that.

    One that was used up before ends its whole sign-in: somebody else has it. Raises SignInRefused after
    that is noted; the caller commits.
    """
    sign_in_id, secret = _parts(token)
    # The row's lock: of two at the same moment one wins, and the other is a second use.
    with transaction.atomic():
        known = ApiSignIn.objects.select_for_update().select_related("user").filter(id=sign_in_id).first()
        if known is None:
            raise SignInRefused(_OVER)
        now = clock.now()
        is_first_use = constant_time_compare(known.refresh_hash, _hash(secret))
        is_good = _is_good(known) and known.expires_at > now and is_first_use
        if is_good:
            fresh = secrets.token_urlsafe(SECRET_BYTES)
            known.refresh_hash, known.refreshed_at, known.expires_at = _hash(fresh), now, _expiry(now)
            known.save(update_fields=["refresh_hash", "refreshed_at", "expires_at"])
        elif not is_first_use:
            _end(known, "refresh token used twice")
    if not is_good:
        raise SignInRefused(_OVER)
    return _tokens(known.user, known.id, fresh)


def revoke(token: str) -> None:
    """Sign out by a refresh token: the sign-in's access tokens end with it. Twice is fine.

    One that was used up before does it too: whoever shows it is told that they are signed out.
    """
    try:
        sign_in_id, _ = _parts(token)
    except SignInRefused:
        return
    with transaction.atomic():
        known = ApiSignIn.objects.select_for_update().filter(id=sign_in_id).first()
        if known is not None:
            _end(known, "signed out")


def end_all(user_id: UUID, how: str = "signed out") -> None:
    """End every sign-in of a person, as when they sign out in the browser; `how` says it in a few words."""
    ApiSignIn.objects.filter(user_id=user_id, ended_at__isnull=True).update(
        ended_at=clock.now(), ended_how=how
    )


def end_one(sign_in_id: UUID, how: str) -> bool:
    """End one sign-in, for the reason `how` says in a few words; returns whether it was ended by this."""
    return bool(
        ApiSignIn.objects.filter(id=sign_in_id, ended_at__isnull=True).update(
            ended_at=clock.now(), ended_how=how
        )
    )


def person_of(access_token: str) -> tuple[User, UUID, dt.datetime] | None:
    """The person an access token signs in right now, its sign-in and its end; None when it is not good.

    What decides is the sign-in's row and the person's, read at every request: never the token.
    """
    claims = access_tokens.read(access_token)
    if claims is None:
        return None
    known = ApiSignIn.objects.select_related("user").filter(id=claims.sign_in_id).first()
    if known is None or known.user_id != claims.user_id or not _is_good(known):
        return None
    return known.user, known.id, claims.ends_at


def old(now: dt.datetime) -> QuerySet[ApiSignIn]:
    """The sign-ins that ended or ran out more than KEPT_DAYS ago."""
    before = now - dt.timedelta(days=KEPT_DAYS)
    return ApiSignIn.objects.filter(Q(ended_at__lt=before) | Q(expires_at__lt=before))


def _is_good(known: ApiSignIn) -> bool:
    return (
        known.ended_at is None
        and known.user.is_active
        and constant_time_compare(known.auth_hash, known.user.get_session_auth_hash())
    )


def _end(known: ApiSignIn, how: str) -> None:
    if known.ended_at is None:
        known.ended_at, known.ended_how = clock.now(), how
        known.save(update_fields=["ended_at", "ended_how"])


def _tokens(user: User, sign_in_id: UUID, secret: str) -> Tokens:
    access, seconds = access_tokens.issue(user.id, sign_in_id)
    return Tokens(access, f"{PREFIX}{sign_in_id}.{secret}", seconds, user)


def _parts(token: str) -> tuple[UUID, str]:
    """The sign-in and the secret in a refresh token. Raises SignInRefused for anything else."""
    named, _, secret = token.removeprefix(PREFIX).partition(".")
    try:
        return UUID(named), secret
    except ValueError as bad:
        raise SignInRefused(_OVER) from bad


def _expiry(now: dt.datetime) -> dt.datetime:
    return now + dt.timedelta(days=settings.API_REFRESH_DAYS)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
