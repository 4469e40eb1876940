"""What must not stand in a log."""

from __future__ import annotations

import logging
import re

_STARS = "***"
_FORMATTER = logging.Formatter()

# Each keeps what is in its first group and puts stars for the rest.
_SECRETS = (
    # The secret of an invitation's, the first owner's or a digest's link is in the address itself.
    re.compile(r"(/(?:invitations|welcome|unsubscribe)/)[^/\s\"']+"),
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


class MaskSecrets(logging.Filter):
    """Put stars where a record carries a secret: in its words, its traceback or its stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record in place; every record is let through."""
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
        return True


def masked(text: str) -> str:
    """The text with stars for every secret in it."""
    for secret in _SECRETS:
        text = secret.sub(rf"\1{_STARS}", text)
    return text
