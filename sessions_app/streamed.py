"""An answer that is made while it is sent, however long it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse


class Streamed(StreamingHttpResponse):
    """Django's, whose pieces are made one at a time under ASGI too.

    Django itself would make all of them first, since their maker is no asynchronous one. The maker runs
    outside the request's transaction: it opens its own, in which somebody acts.
    """

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = iter(self)
        while (piece := await _next(pieces)) is not None:
            yield piece


@sync_to_async
def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)


def attachment(response: Streamed, file_name: str) -> Streamed:
    """The same, to be saved under this (plain) name."""
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response
