"""The doors of pages that may be told by a replica: figures, logs, history, search."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from sessions_app.db import replica
from sessions_app.db.replica import Place
from sessions_app.db.rls import acting_as
from sessions_app.models import User
from sessions_app.services.errors import ServiceError
from sessions_app.views.access import AnyView, ProjectRequest, ProjectView, reads, refusal, signed_in

P = ParamSpec("P")


class _Admitted(HttpResponse):
    """The primary lets whoever asks in, and says where the replica has to be to answer them."""

    def __init__(self, place: Place | None = None) -> None:
        super().__init__(status=204)
        self.place = place


def reads_that_may_lag(view: ProjectView[P]) -> AnyView:
    """Like `reads`, answered by the replica when the project stands there where it stands on the primary."""

    def admit(request: ProjectRequest, /, **_named: object) -> _Admitted:
        return _Admitted(replica.place_of(request.membership.project_id, request.user.id))

    return _may_lag(view, reads(view), reads(admit))


def signed_in_that_may_lag(view: AnyView) -> AnyView:
    """Like `signed_in`, for what is no project's: answered by the replica unless it is too far behind."""

    def admit(_request: HttpRequest, **_named: object) -> _Admitted:
        return _Admitted()

    return _may_lag(view, signed_in(view), signed_in(admit))


def _may_lag(view: Callable[..., HttpResponseBase], by_primary: AnyView, admit: AnyView) -> AnyView:
    @functools.wraps(view)
    def run(request: Any, **named: Any) -> HttpResponseBase:  # noqa: ANN401 -- becomes a ProjectRequest
        if not replica.is_asked():
            return by_primary(request, **named)
        answer = admit(request, **named)
        if not isinstance(answer, _Admitted):
            return answer
        assert isinstance(request.user, User)
        # The door has looked the project up; the view finds it on the request.
        rest = {name: value for name, value in named.items() if name != "project_id"}
        acting = functools.partial(acting_as, request.user.id, named.get("project_id"))
        try:
            return replica.read(acting, answer.place, lambda: view(request, **rest))
        except replica.Unfit:
            return by_primary(request, **named)
        except ServiceError as refused:
            return refusal(request, refused)

    return run
