"""What must not stand in a log."""

from __future__ import annotations

import logging
import re

# The secret of an invitation's or the first owner's link is in the address itself.
_SECRET_IN_PATH = re.compile(r"/(invitations|welcome)/[^/\s\"']+")


class MaskSecrets(logging.Filter):
    """Put stars where an address carries a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record in place; every record is let through."""
        if isinstance(record.args, tuple):
            record.args = tuple(_masked(value) for value in record.args)
        record.msg = _masked(record.msg)
        return True


def _masked(value: object) -> object:
    return _SECRET_IN_PATH.sub(r"/\1/***", value) if isinstance(value, str) else value
