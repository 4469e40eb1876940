"""Static files are answered here, before Django: nothing of it is needed for them."""

from __future__ import annotations

import time
from functools import cache

import anyio
from django.conf import settings

from sessions_app.asgi import Application, Receive, Scope, Send
from sessions_app.assets import files
from sessions_app.headers import beside_django
from sessions_app.metrics import answered
from sessions_app.metrics.observed import observing, request_id
from sessions_app.metrics.routes import STATIC

FOR_EVER = "public, max-age=31536000, immutable"
# Under its own name a file may be another one tomorrow.
FOR_A_MINUTE = "public, max-age=60"
# With DEBUG it may be at once. And a page of another release gets what there is here, but nobody keeps it
# under a name that is not its own.
NEVER = "no-store"
# Whoever reads slowly has no more of a file waiting for him than this.
PIECE_BYTES = 64 * 1024
# Django's to answer: what is no file, and what is asked of one by other methods.
_METHODS = ("GET", "HEAD")


class StaticDoor:
    """An application that answers for the static files, in front of one for everything else."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a file; hand on every other."""
        asset, lifetime = None, NEVER
        if scope["path"].startswith(settings.STATIC_PATH) and scope["method"] in _METHODS:
            asset, lifetime = _meant(scope["path"].removeprefix(settings.STATIC_PATH))
        if asset is None:
            await self.application(scope, receive, send)
            return
        started, asked = time.perf_counter(), dict(scope["headers"])
        with observing(request_id(asked.get(b"x-request-id", b"").decode("latin-1"))) as observed:
            coding, body = await _packed(asset, asked.get(b"accept-encoding", b"").decode("latin-1"))
            etag = f'"{asset.hash}{coding and f".{coding}"}"'
            is_known = etag in asked.get(b"if-none-match", b"").decode("latin-1")
            told = {
                **_of_every_file(),
                "Cache-Control": lifetime,
                "ETag": etag,
                "Vary": "Accept-Encoding",
                answered.HEADER: observed.id,
            }
            if not is_known:
                told |= {"Content-Type": asset.kind, "Content-Length": str(len(body))}
                told |= {"Content-Encoding": coding} if coding else {}
            status = 304 if is_known else 200
            await send({"type": "http.response.start", "status": status, "headers": _written(told)})
            answered.count(
                observed,
                route=STATIC,
                method=scope["method"],
                status=status,
                seconds=time.perf_counter() - started,
            )
        await _send_body(b"" if is_known or scope["method"] == "HEAD" else body, send)


def _meant(name: str) -> tuple[files.Asset | None, str]:
    """The file that a name is of, if there is one, and how long it may be kept under that name."""
    if asset := files.find(name):
        return asset, NEVER if settings.DEBUG else FOR_A_MINUTE
    plain, its_hash = files.without_hash(name)
    asset = files.find(plain) if its_hash else None
    return asset, FOR_EVER if asset and asset.hash == its_hash else NEVER


async def _packed(asset: files.Asset, accepted: str) -> tuple[str, bytes]:
    """The coding that suits best, or "", and the file in it."""
    codings = _codings(accepted)
    for coding, name in (("br", "brotli"), ("gzip", "gzip")):
        if coding in codings:
            # The first time that takes a while: others are served meanwhile.
            body = (
                vars(asset)[name]
                if name in vars(asset)
                else await anyio.to_thread.run_sync(getattr, asset, name)
            )
            if body is not None:
                return coding, body
    return "", asset.content


def _codings(accepted: str) -> set[str]:
    """The codings that an Accept-Encoding lets be used."""
    each = (one.replace(" ", "").lower().partition(";q=") for one in accepted.split(","))
    return {coding for coding, _, weight in each if weight.strip("0.") or not weight}


async def _send_body(body: bytes, send: Send) -> None:
    """In pieces: the server lets the next one be sent when there is room for it."""
    pieces = range(0, len(body), PIECE_BYTES) or (0,)
    for start in pieces:
        piece = body[start : start + PIECE_BYTES]
        is_last = start == pieces[-1]
        await send({"type": "http.response.body", "body": piece, "more_body": not is_last})


@cache
def _of_every_file() -> dict[str, str]:
    told = dict(beside_django())
    if settings.STATIC_CDN_URL:
        # Pages of ours, and of nobody else, may run what comes back from there.
        told["Cross-Origin-Resource-Policy"] = "cross-origin"
        told["Access-Control-Allow-Origin"] = settings.BASE_URL
    return told


def _written(told: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in told.items()]
