"""allauth's forms, which answer what does not fit as ours do."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver


def refusing(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """These addresses, where a form that is shown again with its errors is a 422."""
    return [
        URLPattern(each.pattern, _refusing(each.callback), each.default_args, each.name)
        if isinstance(each, URLPattern)
        else each
        for each in patterns
    ]


def _refusing(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @functools.wraps(view)
    def run(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if request.method == "POST" and response.status_code == 200 and form is not None and form.errors:
            response.status_code = 422
        return response

    return run
