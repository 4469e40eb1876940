"""Django behind ASGI: a request that is being answered does not wait for the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from asgiref.testing import ApplicationCommunicator
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from sessions_app.pages import Pages

SOON = 5.0
_begun, _done = threading.Event(), threading.Event()


class Looking:
    """Middleware that looks at the view as well."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _begun.set()
        return self.get_response(request)

    def process_view(self, *_view: Any) -> None:
        """It has no objection."""


def view(_request: HttpRequest) -> HttpResponse:
    _done.set()
    return HttpResponse("done")


urlpatterns = [path("", view)]
SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/",
    "raw_path": b"/",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"host", b"localhost")],
    "http_version": "1.1",
    "scheme": "http",
    "asgi": {},
}


@override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[f"{__name__}.Looking"])
def test_a_view_does_not_wait_for_the_loop() -> None:
    _begun.clear()
    _done.clear()

    async def story() -> None:
        asked = ApplicationCommunicator(Pages(), SCOPE)
        await asked.send_input({"type": "http.request", "body": b""})
        async with asyncio.timeout(SOON):
            while not _begun.is_set():
                await asyncio.sleep(0)
        assert _done.wait(SOON)
        assert (await asked.receive_output(SOON))["status"] == 200
        assert (await asked.receive_output(SOON))["body"] == b"done"
        await asked.wait(SOON)

    asyncio.run(story())
