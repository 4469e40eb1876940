"""Members and invitations of a project."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from sessions_app import clock
from sessions_app.api.door import (
    OWNER_READS,
    OWNS,
    OWNS_ALSO_ARCHIVED,
    READS,
    ApiRequest,
    May,
    Place,
    operation,
)
from sessions_app.api.paging import by_time
from sessions_app.api.reading import Body, Id, LongPage, optional_text
from sessions_app.api.showing import Data, Done, List, Shown
from sessions_app.models import Invitation, Membership
from sessions_app.models.projects import Role
from sessions_app.services import members
from sessions_app.services.bearers import PersonCaller
from sessions_app.services.texts import EMAIL_MAX_CHARACTERS

router = Place("/projects/{project_id}", "Members")
MEMBER = "/members/{user_id}"
# Afterwards one is an editor, or no member.
HANDS_OVER = May(Role.OWNER, writes=True, is_activity=True, ends_right=True)
LEAVES = May(Role.VIEWER, ends_right=True)


class RoleGiven(Body):
    # owner, editor or viewer.
    role: str = optional_text(10, 1)


class InvitationNew(RoleGiven):
    # Whom it is for; the link is handed on by the caller.
    email: str = optional_text(EMAIL_MAX_CHARACTERS)


class MemberShown(Shown):
    user_id: UUID
    name: str
    role: Role
    joined_at: dt.datetime


class InvitationShown(Shown):
    id: UUID
    role: Role
    email: str
    invited_by: str
    expires_at: dt.datetime


class InvitationMade(InvitationShown):
    """`link` is told this once; whoever holds it may join once."""

    link: str


@operation(router, "GET", "/members", gives={200: List[MemberShown]}, may=READS)
def member_list(request: ApiRequest, project_id: Id, query: LongPage) -> List[MemberShown]:
    """Who belongs to the project, those who came first first."""
    rows = Membership.objects.filter(project_id=project_id).select_related("user")
    return by_time(rows, "created_at", query, _member, newest_first=False)


@operation(router, "PATCH", MEMBER, gives={200: Done}, may=OWNS, example={"role": "viewer"})
def member_role(request: ApiRequest, project_id: Id, user_id: Id, body: RoleGiven) -> Done:
    """Give a member another role. Owners only; the last owner stays one."""
    members.change_role(project_id, request.actor, user_id, role=body.role)
    return Done(message="Role changed.")


@operation(router, "DELETE", MEMBER, gives={200: Done}, may=May(Role.OWNER))
def member_remove(request: ApiRequest, project_id: Id, user_id: Id) -> Done:
    """Take a member out. Owners only; to leave oneself, see `leave`."""
    members.remove_member(project_id, request.actor, user_id)
    return Done(message="Removed.")


@operation(router, "POST", f"{MEMBER}/hand-over", gives={200: Done}, may=HANDS_OVER)
def member_hand_over(request: ApiRequest, project_id: Id, user_id: Id) -> Done:
    """Make a member owner and oneself editor. Owners only."""
    members.hand_over(project_id, request.actor, user_id)
    return Done(message="Handed over.")


@operation(router, "POST", "/leave", gives={200: Done}, may=LEAVES)
def project_leave(request: ApiRequest, project_id: Id) -> Done:
    """Leave the project; its only owner cannot."""
    assert isinstance(request.caller, PersonCaller)
    members.remove_member(project_id, request.actor, request.caller.user.id)
    return Done(message="You left.")


@operation(router, "GET", "/invitations", gives={200: List[InvitationShown]}, may=OWNER_READS)
def invitation_list(request: ApiRequest, project_id: Id, query: LongPage) -> List[InvitationShown]:
    """The invitations that are open, newest first. Owners only."""
    rows = Invitation.objects.open(clock.now()).filter(project_id=project_id).select_related("invited_by")
    return by_time(rows, "created_at", query, _shown)


@operation(
    router,
    "POST",
    "/invitations",
    gives={201: Data[InvitationMade]},
    may=OWNS,
    example={"role": "editor", "email": "bo@example.org"},
)
def invitation_create(request: ApiRequest, project_id: Id, body: InvitationNew) -> Data[InvitationMade]:
    """Make a link that lets whoever holds it join once. Owners only; no mail is sent."""
    assert isinstance(request.caller, PersonCaller)
    made, secret = members.invite(project_id, request.caller.user, role=body.role, email=body.email)
    link = settings.BASE_URL + reverse("invitation", args=[secret])
    return Data(data=InvitationMade(**_shown(made).model_dump(), link=link))


@operation(router, "DELETE", "/invitations/{invitation_id}", gives={200: Done}, may=OWNS_ALSO_ARCHIVED)
def invitation_revoke(request: ApiRequest, project_id: Id, invitation_id: Id) -> Done:
    """Make an invitation's link useless. Owners only."""
    members.revoke_invitation(project_id, invitation_id)
    return Done(message="The link no longer works.")


def _member(row: Membership) -> MemberShown:
    return MemberShown(user_id=row.user_id, name=str(row.user), role=Role(row.role), joined_at=row.created_at)


def _shown(row: Invitation) -> InvitationShown:
    return InvitationShown(
        id=row.id,
        role=Role(row.role),
        email=row.email,
        invited_by=str(row.invited_by),
        expires_at=row.expires_at,
    )
