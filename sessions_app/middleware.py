"""What every request passes through."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import ClassVar
from urllib.parse import unquote_to_bytes

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from sessions_app import headers
from sessions_app.db.rls import acting_as_admin
from sessions_app.problems import is_api
from sessions_app.views import health, metrics
from sessions_app.views.errors import bad_request, trouble_response

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class HeadersMiddleware:
    """Whatever answers, a page, a file, a refusal or the way to TLS, carries what every answer does."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in headers.of_every_answer().items():
            response.headers.setdefault(name, value)
        return response


class HealthMiddleware:
    """Answer health and metrics before anything that could need the database."""

    ANSWERS: ClassVar = {"/livez": health.livez, "/readyz": health.readyz, "/metrics": metrics.metrics}

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.ANSWERS.get(request.path_info, self.get_response)
        return answer(request)


class BadInputMiddleware:
    """Refuse what is not text (NUL bytes, bad UTF-8) in path, query and form, before any view."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for field, raw in (
            ("The address", request.META.get("RAW_URI", request.get_full_path()).partition("?")[0]),
            ("The query", request.META.get("QUERY_STRING", "")),
        ):
            if not _is_text(unquote_to_bytes(raw.encode("utf-8", "surrogateescape"))):
                return bad_request(request, f"{field} holds bytes that are not text.")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Look at a form's body here, where a body that is too large has its own answer."""
        if (request.content_params or {}).get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
            return bad_request(request, "What is sent must be UTF-8.")
        is_text = True
        if request.content_type == "application/x-www-form-urlencoded":
            is_text = _is_text(unquote_to_bytes(request.body))
        elif request.content_type == "multipart/form-data":
            # No page takes files. Django would put a replacement character for bad bytes, unsaid.
            is_text = _is_text(request.body)
        return None if is_text else bad_request(request, "The form holds bytes that are not text.")


class DatabaseTroubleMiddleware:
    """A database that is away is a 503, a value it cannot hold a 422: neither is a 500."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return trouble_response(request, exception)


class PrivatePagesMiddleware:
    """Pages are one person's: no cache keeps them, and a fragment is never taken for a page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        if not is_api(request):
            patch_vary_headers(response, ("HX-Request", "Cookie"))
        return response


class PageMethodsMiddleware:
    """Refuse what no page knows (PUT and the like) before a form's token is asked for.

    Whoever has none would be told to reload a page; and views that Django and others bring would take a PUT
    for a POST. What each page knows of these it says itself: `Allow` here is what any of them could.
    """

    METHODS: ClassVar = ["GET", "HEAD", "POST", "OPTIONS"]

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in self.METHODS or is_api(request):
            return self.get_response(request)
        return HttpResponseNotAllowed(self.METHODS)


class TimeZoneMiddleware:
    """Show times in the signed-in person's own zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # The API tells times in UTC, and no cookie signs anybody in there.
        if is_api(request) or isinstance(request.user, AnonymousUser):
            return self.get_response(request)
        with timezone.override(request.user.zone):
            return self.get_response(request)


class AdminContextMiddleware:
    """In the admin, staff act as the admin: row security shows them every project.

    What a page of it changed before it failed is taken back.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        in_admin = request.path_info.startswith("/admin/") and request.user.is_staff
        with acting_as_admin() if in_admin else nullcontext():
            response = self.get_response(request)
            # What was raised has become an answer by now.
            if in_admin and response.status_code >= 500:
                transaction.set_rollback(True)
            return response


def _is_text(raw: bytes) -> bool:
    try:
        return "\x00" not in raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
