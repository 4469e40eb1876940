"""Whether the process lives, and whether it can serve, with the reasons."""

from __future__ import annotations

import threading

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from sessions_app.db import replica, trouble
from sessions_app.db.asking import ask
from sessions_app.db.migrated import missing_migrations
from sessions_app.insights.durations import measured
from sessions_app.insights.system_now import lags
from sessions_app.services import system

# Once the database is of this release it stays so: a later one's migrations are that one's to miss.
_is_migrated = threading.Event()


@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """200 while the process answers; asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when it can serve, else 503; a line for each thing that was looked at.

    What only makes it late (a worker that is away, a queue that is long, a replica, Redis) is told and fails
    nothing: another server would be no better off.
    """
    try:
        missing = ask(_missing_migrations)
    except trouble.ERRORS:
        said = "database: does not answer, or all connections of this process are in use"
        return _answer([said], is_ready=False)
    told = ["database: answers"]
    if missing:
        told.append(f"migrations: {missing} are missing, see manage.py migrate")
    return _answer([*told, *_work(), *_replica(), *_redis()], is_ready=not missing)


def _missing_migrations() -> int:
    system.answers()
    if _is_migrated.is_set():
        return 0
    if not (missing := missing_migrations(connection)):
        _is_migrated.set()
    return missing


def _work() -> list[str]:
    try:
        return lags(ask(system.now))
    except trouble.ERRORS:
        # A table that is locked, or that is not there yet.
        return ["work: cannot be looked at just now"]


def _replica() -> list[str]:
    if not replica.is_set():
        return []
    try:
        behind = ask(replica.lag_seconds)
    except trouble.ERRORS:
        return ["replica: does not answer; the primary does"]
    if behind > replica.MOST_LAG_SECONDS:
        return [f"replica: {measured(behind)} behind; the primary answers"]
    return ["replica: answers"]


def _redis() -> list[str]:
    if not settings.REDIS_URL:
        return []
    try:
        cache.get("readyz")
    except RedisError:
        return ["redis: does not answer; pages find out by themselves"]
    return ["redis: answers"]


def _answer(lines: list[str], *, is_ready: bool) -> HttpResponse:
    said = "\n".join(["ok" if is_ready else "not ready", *lines, ""])
    return HttpResponse(said, status=200 if is_ready else 503, content_type="text/plain")
