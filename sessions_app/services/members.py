"""Members: roles, leaving, handing over, and invitations by link."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from sessions_app import clock, ledger
from sessions_app.ledger import Actor, Kind
from sessions_app.models import Invitation, Membership, SessionAnalytics, User
from sessions_app.models.projects import Role
from sessions_app.services import agent_tokens, sessions, webhooks
from sessions_app.services.errors import Conflict, Invalid, NotFound
from sessions_app.services.texts import clean_email

TOKEN_BYTES = 32
_LAST_OWNER = "is the only owner: hand the project over first."


@dataclass(frozen=True)
class InvitationSeen:
    """What a link's holder may know before joining."""

    project_id: UUID
    project_title: str
    role: str
    invited_by: str
    is_open: bool


def change_role(project_id: UUID, actor: Actor, user_id: UUID, *, role: str) -> None:
    """Give a member another role. Raises NotFound, Invalid (unknown role, or the only owner)."""
    if role not in Role.values:
        raise Invalid("role", f"must be one of {', '.join(Role.values)}.")
    with transaction.atomic():
        member = _locked(project_id, user_id)
        if member.role == role:
            return
        with ledger.change(project_id, actor) as change:
            if member.role == Role.OWNER:
                _refuse_last_owner(project_id, member, "role")
                _revoke_made_by(member)
            change.record(Kind.MEMBER_ROLE_CHANGED, member=_named(member), before=member.role, after=role)
            member.role = role
            member.save(update_fields=["role"])


def hand_over(project_id: UUID, actor: Actor, user_id: UUID) -> None:
    """Make another member an owner and step down to editor oneself, both or neither."""
    if actor.user_id == user_id or actor.user_id is None:
        raise Invalid("member", "must be somebody else.")
    with transaction.atomic():
        # Both at once and in one order: two who hand over to each other must not wait for each other.
        list(
            Membership.objects.select_for_update(no_key=True)
            .filter(project_id=project_id, user_id__in=[user_id, actor.user_id])
            .order_by("id")
        )
        change_role(project_id, actor, user_id, role=Role.OWNER)
        change_role(project_id, actor, actor.user_id, role=Role.EDITOR)


def remove_member(project_id: UUID, actor: Actor, user_id: UUID) -> None:
    """Take a member out (or leave, when it is oneself); their open session ends.

    What they did stays in the ledger under their name. Raises NotFound, Invalid for the only owner.
    """
    with transaction.atomic():
        member = _locked(project_id, user_id)
        with ledger.change(project_id, actor) as change:
            if member.role == Role.OWNER:
                _refuse_last_owner(project_id, member, "member")
            left = actor.user_id == user_id
            change.record(Kind.MEMBER_LEFT if left else Kind.MEMBER_REMOVED, member=_named(member))
        _revoke_made_by(member)
        sessions.end_session(user_id, project_id)
        SessionAnalytics.objects.filter(user_id=user_id, project_id=project_id).delete()
        member.delete()


def find_member(project_id: UUID, mail: str, field: str) -> UUID:
    """The id of the member with this mail address. Raises Invalid naming `field`."""
    mail = clean_email(mail, field)
    found = Membership.objects.filter(project_id=project_id, user__email__iexact=mail)
    user_id = found.values_list("user_id", flat=True).first()
    if user_id is None:
        raise Invalid(field, "must be the mail address of a member of this project.")
    return user_id


def invite(project_id: UUID, inviter: User, *, role: str, email: str = "") -> tuple[Invitation, str]:
    """Make an invitation; returns it and the secret of its link, which is shown once.

    `email` is where the link is sent (by the caller), or empty for a link to hand on oneself.
    Raises Invalid.
    """
    if role not in Role.values:
        raise Invalid("role", f"must be one of {', '.join(Role.values)}.")
    if email := email.strip():
        email = clean_email(email, "email")
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation.objects.create(
        project_id=project_id,
        email=email,
        role=role,
        token_hash=_hash(secret),
        invited_by=inviter,
        expires_at=clock.now() + dt.timedelta(days=settings.INVITATION_DAYS),
    )
    return invitation, secret


def revoke_invitation(project_id: UUID, invitation_id: UUID) -> None:
    """Make an invitation's link useless. Raises NotFound for one that is not open."""
    revoked = Invitation.objects.filter(
        project_id=project_id, id=invitation_id, accepted_at__isnull=True, revoked_at__isnull=True
    ).update(revoked_at=clock.now())
    if not revoked:
        raise NotFound("This invitation is not open any more.")


def find_invitation(secret: str) -> InvitationSeen:
    """What a link leads to, for anyone who holds it. Raises NotFound."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select project_id, project_title, role, invited_by, is_open from find_invitation(%s)",
            [_hash(secret)],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("This invitation is not there.")
    return InvitationSeen(*row)


def accept_invitation(user: User, secret: str) -> UUID:
    """Join by a link; returns the project's id. A member already stays what they are.

    Raises Conflict when the link is used, revoked or over.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select project_id, joined from accept_invitation(%s)", [_hash(secret)])
            row = cursor.fetchone()
        if row is None:
            raise Conflict("This invitation was used, taken back, or is over.")
        project_id, joined = row
        if joined:
            with ledger.change(project_id, Actor.person(user)) as change:
                change.record(Kind.MEMBER_JOINED, member={"id": str(user.id), "name": str(user)})
    return UUID(str(project_id))


def _locked(project_id: UUID, user_id: UUID) -> Membership:
    """The membership, locked before the project as everywhere (sessions, verbs)."""
    member = (
        Membership.objects.select_for_update(no_key=True, of=("self",))
        .select_related("user")
        .filter(project_id=project_id, user_id=user_id)
        .first()
    )
    if member is None:
        raise NotFound("This person is not a member.")
    return member


def _revoke_made_by(member: Membership) -> None:
    """Take back the open links, tokens and webhooks of somebody who may no longer give any."""
    agent_tokens.revoke_made_by(member.project_id, member.user_id)
    webhooks.delete_made_by(member.project_id, member.user_id)
    Invitation.objects.filter(
        project_id=member.project_id,
        invited_by_id=member.user_id,
        accepted_at__isnull=True,
        revoked_at__isnull=True,
    ).update(revoked_at=clock.now())


def _refuse_last_owner(project_id: UUID, member: Membership, field: str) -> None:
    others = Membership.objects.filter(project_id=project_id, role=Role.OWNER).exclude(id=member.id)
    if not others.exists():
        raise Invalid(field, _LAST_OWNER)


def _named(member: Membership) -> dict[str, str]:
    return {"id": str(member.user_id), "name": str(member.user)}


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
