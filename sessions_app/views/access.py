"""Who may, answered where the row is looked up: no view can forget to ask."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url

from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as
from sessions_app.ledger import Actor
from sessions_app.metrics import intake
from sessions_app.models import Membership, User
from sessions_app.models.projects import Role
from sessions_app.services import sessions
from sessions_app.services.access import check_may_write, check_role
from sessions_app.services.errors import Conflict, Invalid, NotAllowed, NotFound, ServiceError, TooMany
from sessions_app.services.refusals import reason_of
from sessions_app.views.came_from import own_path
from sessions_app.views.errors import problem

P = ParamSpec("P")

_STATUS: dict[type[ServiceError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Invalid: 422,
    Conflict: 409,
    TooMany: 429,
}


class ProjectRequest(HttpRequest):
    """A request of a member, inside a transaction in which that member acts."""

    user: User
    membership: Membership
    actor: Actor


ProjectView = Callable[Concatenate[ProjectRequest, P], HttpResponseBase]
# Django hands what the address names to a view by keyword.
AnyView = Callable[..., HttpResponseBase]


def signed_in(view: AnyView) -> AnyView:
    """Let a view run as the signed-in person, in one transaction, tried again on a deadlock.

    Where its address names a project, it sees that one alone of theirs.
    """

    @functools.wraps(view)
    def run(request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        user_id, project_id = request.user.id, kwargs.get("project_id")
        assert project_id is None or isinstance(project_id, UUID)
        intake.note_sender(user_id=user_id, project_id=None, is_agent=False)

        @retrying
        def transaction() -> HttpResponseBase:
            with acting_as(user_id, project_id):
                return view(request, **kwargs)

        try:
            return transaction()
        except ServiceError as refused:
            return refusal(request, refused)

    return run


def staff_only(view: AnyView) -> AnyView:
    """A page for staff, about no project: 404 for anybody else who is signed in."""

    @functools.wraps(view)
    def run(request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        if not request.user.is_staff:
            raise Http404
        try:
            return view(request, **kwargs)
        except ServiceError as refused:
            return refusal(request, refused)

    return run


def reads(view: ProjectView[P]) -> AnyView:
    """A view that a member of the project reads; 404 for anybody else.

    Loading a page extends the session that is under way, and starts none; what a page fetches by
    itself, and what a browser fetches ahead, does neither.
    """
    return _reading(view, sessions.touch_session)


def peeks(view: ProjectView[P]) -> AnyView:
    """Like `reads`, for what pages fetch by themselves, however it is asked for: it is no activity."""
    return _reading(view, lambda _user_id, _project_id: None)


def opens(view: ProjectView[P]) -> AnyView:
    """The project's own page: like `reads`, but loading it resumes one's session or starts one."""
    return _reading(view, functools.partial(sessions.start_session, resume=True))


def _reading(view: ProjectView[P], on_load: Callable[[UUID, UUID], object]) -> AnyView:
    @signed_in
    @functools.wraps(view)
    def run(request: HttpRequest, project_id: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        member_request = _as_member(request, project_id)
        if _is_page_load(request):
            on_load(member_request.membership.user_id, project_id)
        return view(member_request, *args, **kwargs)

    return run


def writes(
    role: Role = Role.EDITOR, *, also_archived: bool = False, is_activity: bool = True
) -> Callable[[ProjectView[P]], AnyView]:
    """A verb of members with at least `role`: 404 for outsiders, 403 for lesser roles.

    The verb counts as the person's activity: it resumes or starts their session first, and the
    session then stands at the version the verb made. What ends a session is none (`is_activity`
    off): ending twice would start one in between, and that empty one would be the last.
    """

    def decorate(view: ProjectView[P]) -> AnyView:
        @signed_in
        @functools.wraps(view)
        def run(
            request: HttpRequest, project_id: UUID, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            member_request = _as_member(request, project_id)
            membership = member_request.membership
            check_role(membership, role)
            if not also_archived:
                check_may_write(membership.project)
            if is_activity:
                sessions.start_session(membership.user_id, project_id, resume=True)
            response = view(member_request, *args, **kwargs)
            # At the version the verb made, so that one's own act is not news to oneself.
            if is_activity:
                sessions.touch_session(membership.user_id, project_id)
            return response

        return run

    return decorate


def _is_page_load(request: HttpRequest) -> bool:
    """Whether a person opened a page: not a fragment, and not fetched ahead by the browser."""
    ahead = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.headers.get("HX-Request") != "true" and "prefetch" not in ahead


def refusal(request: HttpRequest, refused: ServiceError) -> HttpResponse:
    """A service's refusal as an answer: its status, and its words for the person."""
    words = str(refused)
    if isinstance(refused, Invalid):
        # A form may name by its title what the service takes by its id.
        named = refused.field if refused.field in request.POST else refused.field.removesuffix("_id")
        words = f"{named.replace('_', ' ')} {refused.rule}"
    intake.note_refused(reason_of(refused))
    status = next(status for kind, status in _STATUS.items() if isinstance(refused, kind))
    response = problem(request, status, words[:1].upper() + words[1:])
    if isinstance(refused, TooMany):
        response.headers["Retry-After"] = str(refused.retry_after)
    return response


def to_sign_in(request: HttpRequest, back: str = "") -> HttpResponse:
    """Pages go to sign-in and come back; HTMX gets a 401, never a sign-in form inside a panel.

    `back` is the page to come back to where a verb was meant: a POST cannot be repeated.
    """
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse("Sign in again.", status=401, content_type="text/plain")
        page = own_path(request.headers.get("HX-Current-URL", ""), request.get_host()) or back or "/"
        response.headers["HX-Redirect"] = redirect_to_login(page, resolve_url("account_login")).url
        return response
    page = request.get_full_path() if request.method == "GET" else "/"
    return redirect_to_login(back or page, resolve_url("account_login"))


def _as_member(request: HttpRequest, project_id: UUID) -> ProjectRequest:
    assert isinstance(request.user, User)
    membership = Membership.objects.of(request.user.id).filter(project_id=project_id).first()
    if membership is None:
        raise Http404
    request.membership = membership  # type: ignore[attr-defined]
    request.actor = Actor.person(request.user)  # type: ignore[attr-defined]
    return request  # type: ignore[return-value]
