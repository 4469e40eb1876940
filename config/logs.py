"""The log: JSON or plain lines, each of one record, with nothing in it that must not stand there.

A line says of which request or job it is. Beside its words it tells only FIELDS: what else a library hangs
on a record, a request with its query, a job with its arguments, stays out.

The filters change a record in place, as Python 3.11 has no other way: the handler gives them one of its own
(config/log_written.py).
"""

from __future__ import annotations

import logging
import re
import sys
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from pythonjsonlogger.json import JsonEncoder

from sessions_app.metrics.observed import current

# No line tells of them, and to find them out takes a good part of what a line costs.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

FORMATS = ("json", "plain")
# What a record may carry beside its words: numbers, and words of ours.
FIGURES = ("ms", "queries")
FIELDS = ("method", "route", "status", *FIGURES)

_STARS = "***"
_LINE_CHARACTERS = 200
# What could begin another line, or move a terminal's cursor; a newline is dealt with apart.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
# What continues a record is indented: no text can pass for another record.
_CONTINUES = "\n    "
_FORMATTER = logging.Formatter()
# Kept, where the library makes one for each line. In ASCII: what some readers take for the end of a line is
# not in it.
_ENCODER = JsonEncoder(ensure_ascii=True)

# Each keeps what is in its first group and puts stars for the rest.
_SECRETS = (
    # The secret of an invitation's, the first owner's, a digest's or a mail's link is in the address itself.
    re.compile(r"(/(?:invitations|welcome|unsubscribe|reset/key|confirm-email)/)[^/\s\"']+"),
    # What the database says beside its first line quotes rows: people's texts and addresses. A value may
    # have lines of its own, so it ends where the next heading or the next traceback begins.
    re.compile(
        r"((?:DETAIL|CONTEXT|QUERY|\bLINE \d+): +|Failing row contains ).+?"
        r"(?=\n(?:HINT|CONTEXT|QUERY|LINE \d+): |\n\n(?:The above exception|During handling)|\s*\Z)",
        re.DOTALL,
    ),
    # By name, whatever is behind it: a header as text, as a dict or as ASGI's pair of bytes; a query.
    re.compile(
        r"""(\b(?:proxy-)?authorization['"]?\s*[:=,]\s*b?['"]?(?:\w+[ ]+)?)[^\s'",;)}\]]+""", re.IGNORECASE
    ),
    re.compile(r"(\b(?:ticket|access_token|refresh_token|id_token|csrfmiddlewaretoken)=)[^&\s\"']+"),
    re.compile(r"((?:\bsessionid|\bcsrftoken|__Host-session|__Host-csrf)=)[^;\s\"']+"),
    re.compile(r"(\bbearer\s+)[^\s'\",;)}\]]+", re.IGNORECASE),
    # By what they look like: agents' tokens, refresh tokens, tickets, webhooks' secrets, JWTs.
    re.compile(r"(\b(?:loa|lor|lot)_)[\w.\-]+"),
    re.compile(r"(\bwhsec_)[\w+/=\-]+"),
    re.compile(r"()\beyJ[\w\-]{5,}(?:\.[\w\-]*){1,4}"),
)


class SendersMistakes(logging.Filter):
    """A request that was refused as it came is told in a line: nobody asks where in Django that was."""

    NAMES = tuple(
        f"django.security.{mistake}"
        for mistake in ("DisallowedHost", "TooManyFieldsSent", "TooManyFilesSent")
    )

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the traceback off such a record, in place, and make it a warning: it is no error of ours.

        Every record is let through.
        """
        if record.name in self.NAMES:
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class MaskSecrets(logging.Filter):
    """Put stars where a record carries a secret: in its words, its traceback or its stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record in place; every record is let through."""
        if hasattr(record, "request"):
            _name_route(record, record.request)
        try:
            said = record.getMessage()
        except Exception:
            # logging would print the arguments as they are, with its own complaint.
            said = f"(a record of {record.name} that cannot be worded)"
        record.msg, record.args = masked(said), None
        if record.exc_info:
            record.exc_text = record.exc_text or _FORMATTER.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = masked(record.exc_text)
        if record.stack_info:
            record.stack_info = masked(record.stack_info)
        for name in FIELDS:
            if isinstance(value := getattr(record, name, None), str):
                setattr(record, name, masked(value))
        return True


def _name_route(record: logging.LogRecord, request: object) -> None:
    """Where Django says by itself what became of a request: its route in the place of its address."""
    # Only now: both ask for the settings, which name this module.
    from django.http import HttpRequest

    from sessions_app.metrics.routes import match_of, route_of

    if not isinstance(request, HttpRequest) or not isinstance(record.args, tuple):
        return
    # As Django writes it.
    address = request.path.encode("unicode_escape").decode("ascii")
    if record.args[-1:] == (address,):
        record.args = (*record.args[:-1], route_of(request, match_of(request)))


class PlainLines(logging.Formatter):
    """Lines for people: time, level, who says it, of which request or job, the words."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(of)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        observed = current()
        record.of = f" [{observed.id}]" if observed else ""
        said = super().format(record)
        facts = (f" {name}={getattr(record, name)}" for name in FIGURES if hasattr(record, name))
        return _CONTROL.sub(_escaped, said + "".join(facts)).replace("\n", _CONTINUES)


class JsonLines(logging.Formatter):
    """Lines for programs: one JSON object each."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if observed := current():
            told["job" if observed.is_job else "request"] = observed.id
        said = record.__dict__
        told |= {name: said[name] for name in FIELDS if name in said}
        # As it was masked.
        if record.exc_text:
            told["traceback"] = record.exc_text
        if record.stack_info:
            told["stack"] = record.stack_info
        return _ENCODER.encode(told)


def log_format(chosen: str, *, debug: bool) -> str:
    """Which format: the one chosen, else plain where a person watches, and JSON where nobody does.

    Raises ImproperlyConfigured for any other word.
    """
    if chosen and chosen not in FORMATS:
        raise ImproperlyConfigured(f"LOG_FORMAT must be {' or '.join(FORMATS)}.")
    return chosen or ("plain" if debug or sys.stderr.isatty() else "json")


def _escaped(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape").decode("ascii")


def masked(text: str) -> str:
    """The text with stars for every secret in it."""
    # Of every request one short line is logged, and there are few different ones.
    return _masked_line(text) if len(text) <= _LINE_CHARACTERS else _masked(text)


@lru_cache(maxsize=1_000)
def _masked_line(text: str) -> str:
    return _masked(text)


def _masked(text: str) -> str:
    for secret in _SECRETS:
        text = secret.sub(rf"\1{_STARS}", text)
    return text
