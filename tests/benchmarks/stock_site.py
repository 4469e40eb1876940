"""What stock Django answers: a bare page of any size, and a panel's partial drawn anew for each request."""

from __future__ import annotations

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.stock_settings"

from django.core.asgi import get_asgi_application

_application = get_asgi_application()

# Only now: Django is set up.
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402

from config.urls import urlpatterns as product_patterns  # noqa: E402
from sessions_app.models import User  # noqa: E402
from sessions_app.panels import PANELS, common  # noqa: E402
from sessions_app.views.access import ProjectRequest, peeks  # noqa: E402
from sessions_app.views.changed import look  # noqa: E402

LINE_BYTES = 100
PAGE = engines["django"].from_string(
    "<!doctype html><title>{{ person.display_name }}</title><ul>"
    f"{{% for line in lines %}}<li>{{{{ line }}}}{'.' * (LINE_BYTES - 8)}</li>{{% endfor %}}</ul>"
)


@login_required
def bare_page(request: HttpRequest, size: int) -> HttpResponse:
    """A page of so many bytes, for somebody who is signed in, after one query."""
    person = User.objects.get(id=request.user.id)
    return HttpResponse(PAGE.render({"person": person, "lines": range(size // LINE_BYTES)}, request))


@login_required
@peeks
def panel(request: ProjectRequest, name: str) -> HttpResponse:
    """The product's own partial by Django's templates; nothing of it is kept."""
    view = look(request)
    return render(request, PANELS[name].TEMPLATE, common(view) | PANELS[name].context(view))


urlpatterns = [
    path("stock/page/<int:size>/", bare_page),
    path("stock/<uuid:project_id>/<str:name>/", panel),
    # The partials link to them.
    *product_patterns,
]


async def application(scope: dict, receive, send) -> None:
    if scope["type"] == "http":
        await _application(scope, receive, send)
