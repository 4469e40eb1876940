"""HEAD at the API: whatever can be read can be asked for without its body."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from sessions_app.problems import is_api


class HeadMiddleware:
    """Answer a HEAD as a GET is answered: the server itself sends the head alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD" or not is_api(request):
            return self.get_response(request)
        request.method = "GET"
        try:
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse):
                # Nobody will see it: it is not to be made.
                response.streaming_content = ()
            return response
        finally:
            request.method = "HEAD"
