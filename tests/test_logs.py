"""No secret stands in a log: what is really written, with the product's own settings, is looked at."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.urls import URLResolver, get_resolver, reverse

from config.logs import MaskSecrets, masked
from tests.running import ROOT

JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJlLW9mLWFubg"
SECRETS = {
    "agent's token": "loa_Zm9yLWFuLWFnZW50LXRvLXNob3c-_x",
    "refresh token": "lor_6d1f4c1e-8f0a-4b57-9a53-0d6f0c1f2a10.c2VjcmV0LW9m-_LWFubg",
    "ticket": "lot_b25jZS1hbmQtc29vbg-_x",
    "webhook's secret": "whsec_c2lnbnMtd2ViaG9va3M+/x==",
    "access token": JWT,
    "unsigned": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.",
}
# How each may come into a record's words.
WAYS = (
    "{}",
    "got {}.",
    "GET /projects/7/live/?since=0a:1.1&ticket={} HTTP/1.1",
    "/api/x?access_token={}",
    "Authorization: Bearer {}",
    "authorization: bearer {}",
    "{{'Authorization': 'Bearer {}'}}",
    '{{"authorization": "{}", "accept": "*/*"}}',
    "[(b'host', b'x'), (b'authorization', b'Bearer {}')]",
    '{{"refreshToken": "{}"}}',
    "https://front.example.org/#token={}",
)
# Nothing tells what these are but their place.
UNMARKED = (
    ("Authorization: Basic {}", "YW5uOnBhc3N3b3Jk"),
    ("Authorization: {}", "opaque-secret"),
    ("{{'HTTP_AUTHORIZATION': 'Bearer {}'}}", "opaque-secret"),
    ("Bearer {}", "opaque-secret"),
    ("/live/?ticket={}", "opaque-secret"),
    ("/live/?ticket={}&since=1", "opaque-secret"),
    ("Cookie: sessionid={}; csrftoken=x", "opaque-secret"),
    ("/invitations/{}/", "opaque-secret"),
    ("/welcome/{}", "opaque-secret"),
)


def test_no_secret_is_left_in_a_text() -> None:
    for name, secret in SECRETS.items():
        for way in WAYS:
            said = masked(way.format(secret))
            assert secret not in said, (name, way)
            assert not any(part in said for part in secret.split(".") if len(part) > 8), (name, way)
            assert "***" in said
    for way, secret in UNMARKED:
        assert secret not in masked(way.format(secret)), way


def test_no_secret_is_left_of_an_address_that_holds_one() -> None:
    secret, named = "opaque-secret", ("token", "secret", "key")
    found = [
        (name, parts) for name, parts in _addresses(get_resolver()) if any(part in named for part in parts)
    ]
    assert {name for name, _ in found} > {"invitation", "unsubscribe", "first_owner"}
    for name, parts in found:
        address = reverse(name, kwargs={part: secret if part in named else "1" for part in parts})
        assert secret in address
        assert secret not in masked(address), name


def _addresses(resolver: URLResolver) -> Iterator[tuple[str, list[str]]]:
    """Each page's name, and what its address is made of."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern)
        elif pattern.name:
            yield pattern.name, list(pattern.pattern.regex.groupindex)


def test_what_is_no_secret_is_left_as_it_is() -> None:
    for text in (
        "Not Found: /projects/6d1f4c1e-8f0a-4b57-9a53-0d6f0c1f2a10/",
        "GET /projects/7/live/?since=0a:1.1 HTTP/1.1",
        "the calls cannot be counted now: Error 111 connecting to 127.0.0.1:6379",
        "a ticket was used twice",
        "no job could be left for sessions_app.jobs.agents.listen, the clock will find its work",
        "flora_ and color_of are words",
    ):
        assert masked(text) == text


def test_a_record_that_cannot_be_worded_says_so_without_its_arguments() -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "%d of %s", (JWT,), None)
    assert MaskSecrets().filter(record)
    assert record.getMessage() == "(a record of x that cannot be worded)"


# Logs in every way there is, through the loggers of everybody who writes one.
_LOG = """
import logging, sys, django
from django.conf import settings
django.setup()
secret, plain = sys.argv[1:]
class Odd:
    def __str__(self): return secret
names = ("", "django", "django.request", "django.server", "daphne.ws_protocol", "sessions_app.x", "asyncio")
for name in names:
    log = logging.getLogger(name)
    log.warning(plain)
    log.warning("words " + secret)
    log.warning("argument %s", secret)
    log.warning("object %s", Odd())
    log.warning("of a dict %(it)s", {"it": secret})
    log.warning("wrong %d", secret)
    log.warning("stack " + secret, stack_info=True)
    try:
        raise ValueError("traceback " + secret)
    except ValueError as error:
        log.exception("it failed")
        try:
            raise RuntimeError("caused") from error
        except RuntimeError:
            log.error("again", exc_info=True)
"""


@pytest.mark.parametrize("debug", ["0", "1"])
def test_no_secret_is_written_by_anybody(debug: str) -> None:
    for secret in ("Authorization: Bearer opaque-secret", SECRETS["agent's token"]):
        done = subprocess.run(
            [sys.executable, "-c", _LOG, secret, "plain words"],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DEBUG": debug,
                "LOG_LEVEL": "DEBUG",
            },
            capture_output=True,
            text=True,
            check=True,
        )
        written = done.stderr + done.stdout
        assert written.count("plain words") == 7, written
        assert written.count("ValueError: traceback") == 14
        assert secret.rpartition(" ")[2] not in written
        assert "***" in written
