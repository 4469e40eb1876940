"""People of the trusted external issuer: who of ours they are. Nobody is made by it."""

from __future__ import annotations

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import transaction

from sessions_app.models import ExternalIdentity, User
from sessions_app.services import issuer_tokens
from sessions_app.services.issuer_tokens import Identity


def person_of(token: str) -> tuple[User, dt.datetime] | None:
    """The person of ours whom a token of the external issuer signs in, and when it ends; None: nobody.

    Raises Unavailable when the issuer cannot be asked for its keys.
    """
    identity = issuer_tokens.read(token)
    if identity is None:
        return None
    user = _linked(identity) or _link(identity)
    return (user, identity.ends_at) if user is not None and user.is_active else None


def _linked(identity: Identity) -> User | None:
    known = ExternalIdentity.objects.filter(issuer=identity.issuer, subject=identity.subject)
    found = known.select_related("user").first()
    return found.user if found else None


def _link(identity: Identity) -> User | None:
    """Link somebody seen for the first time, by the e-mail that both sides have verified.

    From then on the subject counts and the e-mail no more: addresses are given to other people in time,
    so a second subject that comes with the same one is a stranger.
    """
    user = _owner_of(identity.email) if identity.email else None
    if user is None or not user.is_active:
        return None
    with transaction.atomic():
        # Two subjects with one address at the same moment: the second one finds the first.
        User.objects.select_for_update().get(id=user.id)
        others = ExternalIdentity.objects.filter(issuer=identity.issuer, user=user)
        if others.exclude(subject=identity.subject).exists():
            return None
        link, _ = ExternalIdentity.objects.get_or_create(
            issuer=identity.issuer, subject=identity.subject, defaults={"user": user}
        )
    return link.user


def _owner_of(email: str) -> User | None:
    # Plain letters only: in other alphabets two addresses can be one without regard to case.
    if not (email.isascii() and email.isprintable()):
        return None
    verified = EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user")
    owners = {found.user for found in verified if found.email.lower() == email.lower()}
    return owners.pop() if len(owners) == 1 else None
