"""What every request of a program passes through, and no page's."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import conditional_page

from sessions_app.api import verbs
from sessions_app.problems import is_api, problem

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ApiMiddleware:
    """The words agents guess, ETags, and errors of the framework in the API's own form."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.with_etag = conditional_page(self._answer)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_api(request):
            return self.get_response(request)
        request.path_info = verbs.meant(request.method, request.path_info)
        response = self.with_etag(request)
        patch_vary_headers(response, ("Authorization", "Origin"))
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = response.headers["Allow"]
            response = problem(405, f"{request.method} is not possible here, but {allowed}.")
            response.headers["Allow"] = allowed
        # One's own: a browser may keep it and must ask whether it still stands. What a verb answers is
        # kept by nobody: tokens are among it.
        kept = "private, no-cache" if request.method in ("GET", "HEAD") else "no-store"
        response.headers.setdefault("Cache-Control", kept)
        return response
