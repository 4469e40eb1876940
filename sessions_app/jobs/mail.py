"""Mails leave as jobs: part of the transaction they are about, sent by the worker, tried again for hours.

The job holds its mail sealed with the secret key: mails carry links that sign people in, and jobs are
shown in the admin, named in logs and kept in back-ups.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from email.utils import formatdate, make_msgid

from django.conf import settings
from django.core.mail import DNS_NAME, EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import OperationalError
from procrastinate.exceptions import ConnectorException

from sessions_app import sealing
from sessions_app.jobs.job import Waits, job

# Part of what is sealed since the first release: another word would open none of the mails that wait.
PURPOSE = "mails that wait as jobs"
FIELDS = ("subject", "body", "from_email", "to", "cc", "bcc", "reply_to")
# A mail server that is away for an afternoon loses nothing: the last of the tries is 7 hours after the first.
FOR_HOURS = Waits(10, 60, 300, 1800, 7200, 14400)


class QueuedMail(BaseEmailBackend):
    """Django's door for mails: leaves each one as a job in the caller's transaction."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue the mails; returns how many.

        Raises ValueError for a mail with attachments, OperationalError when the database is away.
        """
        sealed = [seal(message) for message in email_messages if message.recipients()]
        try:
            for text in sealed:
                deliver.defer(sealed=text)
        except ConnectorException as trouble:
            # As Django's own, which is a 503 and may be tried again.
            raise OperationalError(str(trouble.__cause__ or trouble)) from trouble.__cause__
        return len(sealed)


@job(limit_seconds=60, waits=FOR_HOURS)
def deliver(sealed: str) -> None:
    """Send one mail by EMAIL_URL."""
    message = unseal(sealed)
    message.connection = get_connection(settings.MAIL_DELIVERY_BACKEND)
    message.send()


def seal(message: EmailMessage) -> str:
    """The mail as a text that only the holder of SECRET_KEY can read. Raises ValueError for attachments."""
    if message.attachments:
        raise ValueError("A mail with attachments cannot wait as a job.")
    # Given now: whoever gets the mail twice, because its first answer was lost, can tell that it is one.
    headers = {"Message-ID": make_msgid(domain=str(DNS_NAME)), "Date": formatdate(usegmt=True)}
    fields = {name: getattr(message, name) for name in FIELDS} | {
        "headers": headers | message.extra_headers,
        "alternatives": getattr(message, "alternatives", []),
    }
    text = json.dumps([message.content_subtype, fields])
    return sealing.seal(text, PURPOSE)


def unseal(sealed: str) -> EmailMessage:
    """The mail in a text of `seal`. Raises cryptography's InvalidToken when the key is another one now."""
    content_subtype, fields = json.loads(sealing.unseal(sealed, PURPOSE))
    message = EmailMultiAlternatives(**fields)
    message.content_subtype = content_subtype
    return message
