"""Members, their roles and invitations."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from sessions_app.db.rls import acting_as
from sessions_app.models import User
from sessions_app.models.projects import Role
from sessions_app.services import members
from sessions_app.services.errors import Conflict, NotFound
from sessions_app.views.access import ProjectRequest, refusal, to_sign_in, writes
from sessions_app.views.settings import done, invitations_page, settings_page


@require_http_methods(["GET", "POST"])
def invitation_list(request: ProjectRequest, project_id: UUID) -> HttpResponseBase:
    """GET the invitations that are open, POST a new one."""
    view = invite if request.method == "POST" else invitations_page
    return view(request, project_id=project_id)


@writes(Role.OWNER)
def invite(request: ProjectRequest) -> HttpResponse:
    """Make an invitation; its link is on this answer and, with an address, in a mail."""
    invitation, secret = members.invite(
        request.membership.project_id,
        request.user,
        role=request.POST.get("role", ""),
        email=request.POST.get("email", ""),
    )
    link = settings.BASE_URL + reverse("invitation", args=[secret])
    if invitation.email:
        mail = {"link": link, "invited_by": str(request.user), "title": request.membership.project.title}
        text = render_to_string("invitations/mail.txt", mail)
        subject = f"{request.user} invites you to “{request.membership.project.title}”"
        # Left as a job in this transaction: it goes out if the invitation is there, and only then.
        send_mail(" ".join(subject.split()), text, None, [invitation.email])
    return settings_page(request, new_invitation_url=link)


@require_POST
@writes(Role.OWNER, also_archived=True)
def invitation_revoke(request: ProjectRequest, invitation_id: UUID) -> HttpResponse:
    members.revoke_invitation(request.membership.project_id, invitation_id)
    return done(request, "The invitation's link no longer works.", list_name="invitations")


@require_POST
@writes(Role.OWNER)
def member_role(request: ProjectRequest, user_id: UUID) -> HttpResponse:
    members.change_role(
        request.membership.project_id, request.actor, user_id, role=request.POST.get("role", "")
    )
    return done(request, "Role changed.", list_name="members")


@require_POST
@writes(Role.OWNER, also_archived=True)
def member_remove(request: ProjectRequest, user_id: UUID) -> HttpResponse:
    members.remove_member(request.membership.project_id, request.actor, user_id)
    return done(request, "Removed.", list_name="members")


@require_POST
@writes(Role.OWNER)
def member_hand_over(request: ProjectRequest, user_id: UUID) -> HttpResponse:
    members.hand_over(request.membership.project_id, request.actor, user_id)
    return done(request, "Handed over. You are an editor now.", list_name="members")


@require_POST
@writes(Role.VIEWER, also_archived=True, is_activity=False)
def project_leave(request: ProjectRequest) -> HttpResponse:
    members.remove_member(request.membership.project_id, request.actor, request.user.id)
    messages.success(request, f"You left “{request.membership.project.title}”.")
    return redirect("projects")


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation leads to; POST joins. Whoever holds the link may look, signed in or not."""
    try:
        seen = members.find_invitation(token)
    except NotFound as missing:
        raise Http404 from missing
    if request.method == "POST":
        if not isinstance(request.user, User):
            return to_sign_in(request, back=request.path)
        try:
            with acting_as(request.user.id):
                return redirect("project", members.accept_invitation(request.user, token))
        except Conflict as used:
            return refusal(request, used)
    context = {"invitation": seen, "next": request.path, "me": request.user}
    return render(request, "invitations/page.html", context)
