"""The settings: what a browser, a proxy or a mail server would trip over."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.core.cache import caches

from sessions_app.management.doctor.finding import Finding, ok, problem, warning

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# What `check --deploy` says of a site without TLS is one thing, and is said here once.
_ABOUT_TLS = {f"security.W{number:03}" for number in (4, 5, 8, 12, 16, 21)}


def look() -> Iterator[Finding]:
    """Django's own checks for a deployment, the address, keys, mail, the proxy in front."""
    found = [*_django_checks(), *_address(), *_keys(), *_mail(), *_proxy()]
    yield from found or [ok("settings fit together")]


def look_at_redis() -> Iterator[Finding]:
    """Whether Redis answers, where it is used."""
    if not settings.REDIS_URL:
        yield ok("REDIS_URL is not set: hints travel by the database")
        return
    try:
        caches["default"].get("doctor")
    except Exception as trouble:
        # Whatever the client raises, it is the same to whoever waits for a hint.
        yield problem(
            f"Redis does not answer ({type(trouble).__name__})",
            "open pages look by themselves every few seconds, and limits cannot be counted",
            "start Redis or correct REDIS_URL; without it the database carries the hints",
        )
    else:
        yield ok("Redis answers")


def _django_checks() -> Iterator[Finding]:
    for message in checks.run_checks(include_deployment_checks=True):
        if message.is_silenced() or (message.id in _ABOUT_TLS and not settings.USES_TLS):
            continue
        make = problem if message.is_serious() else warning
        yield make(
            f"{message.id}: {' '.join(str(message.msg).split())}",
            "Django's check for a deployment",
            " ".join((message.hint or "manage.py check --deploy says more").split()),
        )


def _address() -> Iterator[Finding]:
    host = settings.BASE_HOST.hostname
    if host in _LOOPBACK:
        if not settings.IS_EMBEDDED:
            yield warning(
                f"BASE_URL is {settings.BASE_URL}",
                "links in mails and invitations lead to the reader's own machine",
                "BASE_URL=https://… with the address people type",
            )
    elif not settings.USES_TLS:
        yield problem(
            f"BASE_URL is {settings.BASE_URL}, without TLS",
            "whoever is on the way reads passwords and cookies",
            "put a proxy with TLS in front, and set BASE_URL=https://…",
        )


def _keys() -> Iterator[Finding]:
    kept = Path(settings.DATA_DIR) / "secret_key"
    if "SECRET_KEY" not in os.environ and kept.exists() and stat.S_IMODE(kept.stat().st_mode) & 0o077:
        yield problem(
            f"{kept} can be read by other users of this machine",
            "whoever has it can sign in as anybody",
            f"chmod 600 {kept}, then delete it and start again: it has been readable",
        )


def _mail() -> Iterator[Finding]:
    if settings.MAIL_DELIVERY_BACKEND.endswith("console.EmailBackend"):
        yield warning(
            "EMAIL_URL is not set: mails go to the worker's terminal",
            "nobody gets an invitation, a digest or a new password by mail",
            "EMAIL_URL=smtp+tls://user:password@host:587",
        )


def _proxy() -> Iterator[Finding]:
    if not settings.USES_TLS:
        return
    if settings.SECURE_SSL_REDIRECT and not getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
        yield warning(
            "BASE_URL is https and TRUST_PROXY_TLS_HEADER is off",
            "behind a proxy that speaks TLS every page redirects to itself",
            "TRUST_PROXY_TLS_HEADER=1, where the proxy sets X-Forwarded-Proto itself",
        )
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT == 0:
        yield warning(
            "BASE_URL is https and TRUSTED_PROXY_COUNT is 0",
            "behind a proxy all people are one client: a few wrong passwords lock everybody out for a while",
            "TRUSTED_PROXY_COUNT=1, or as many proxies as there are in front",
        )
