"""Who belongs to a project, and who is invited: never the secret of the link."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from sessions_app.admin.filters import ByPerson, ByProject, Word, by_choices, by_words
from sessions_app.admin.inspected import Inspected
from sessions_app.models import Invitation, Membership
from sessions_app.models.projects import Role
from sessions_app.services import members


@admin.register(Membership)
class MembershipAdmin(Inspected):
    list_display = ("user", "project", "role", "version", "created_at")
    related = ("project", "user")
    finds = ("id", "project", "user")
    list_filter = (ByProject, ByPerson, by_choices("role", dict(Role.choices)))


class ByInviter(ByPerson):
    """The person who invites."""

    title = "who invites"
    column = "invited_by_id"


@admin.register(Invitation)
class InvitationAdmin(Inspected):
    list_display = ("project", "role", "email", "invited_by", "expires_at", "accepted_at", "revoked_at")
    related = ("project", "invited_by")
    list_filter = (
        ByProject,
        ByInviter,
        by_words(
            "state",
            "state",
            Word("open", "Not used", Q(accepted_at__isnull=True, revoked_at__isnull=True)),
            Word("accepted", "Accepted", Q(accepted_at__isnull=False)),
            Word("revoked", "Taken back", Q(revoked_at__isnull=False)),
        ),
    )
    secrets = ("token_hash",)
    actions = ("revoke",)

    @admin.action(description="Take back", permissions=["act"])
    def revoke(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        def verb(invitation: Invitation) -> str:
            members.revoke_invitation(invitation.project_id, invitation.id)
            return "Took the invitation back."

        self.act_on(request, rows, verb, none="None of these was open.")
