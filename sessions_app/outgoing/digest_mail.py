"""The digest as a mail, in plain text and HTML."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from sessions_app.insights import digest
from sessions_app.services.digests import Waiting, absolute_url, unsubscribe_url


def mail_of(waiting: Waiting) -> EmailMultiAlternatives:
    """The mail that tells a person what waits."""
    person, leave = waiting.person, unsubscribe_url(waiting.person)
    subject = digest.subject(waiting.projects)
    context = {
        "person": person,
        "subject": subject,
        "projects": digest.in_words(waiting.projects, person.zone),
        "home": absolute_url("projects"),
        "profile": absolute_url("profile"),
        "often": person.get_digest_display().lower(),
        "unsubscribe": leave,
    }
    mail = EmailMultiAlternatives(
        subject,
        render_to_string("digests/mail.txt", context),
        to=[person.email],
        # RFC 8058: the mail program offers a button that posts there.
        headers={
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(render_to_string("digests/mail.html", context), "text/html")
    return mail
