"""The API's addresses, and the answer where there is none."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from sessions_app.api import verbs
from sessions_app.api.app import api
from sessions_app.api.errors import NOT_THERE
from sessions_app.problems import problem


@csrf_exempt
def no_such_call(request: HttpRequest) -> HttpResponse:
    """404, with the correct call where a verb was guessed wrong."""
    return problem(404, verbs.correct_call(request.path_info) or NOT_THERE)


routes, _app, namespace = api.urls
urlpatterns = [path("", (routes, _app, namespace)), re_path("", no_such_call, name="no_such_call")]
