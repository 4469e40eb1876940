"""Django as an ASGI application: a request is answered in one thread, from the first middleware on."""

from __future__ import annotations

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class Pages(ASGIHandler):
    """Django's own handler goes back to the event loop for the view, and for what middleware does before it.

    So a form would wait four times for whatever the loop does then, such as telling a thousand pages. No view
    and no middleware of ours needs the loop.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        """The chain as a thread runs it, whatever is asked for."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Have it answered in the thread that is the request's own."""
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


def pages() -> Pages:
    """Set Django up, and make the application."""
    django.setup(set_prefix=False)
    return Pages()
