"""What a command line names: a moment, a number, a project, a person."""

from __future__ import annotations

import datetime as dt
import re
from argparse import ArgumentTypeError
from uuid import UUID

from django.core.management.base import CommandError
from django.utils.dateparse import parse_date, parse_datetime

from sessions_app import clock
from sessions_app.db.rls import acting_as_admin
from sessions_app.models import Project, User
from sessions_app.models.projects import TITLE_MAX_CHARACTERS
from sessions_app.services.texts import EMAIL_MAX_CHARACTERS, clean_line

_AGO = re.compile(r"(\d{1,5})([mhd])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
# More days than that would lead out of the calendar.
MOST_DAYS = 36_500
MOST_MINUTES = 24 * 60
MOST_SECONDS = 24 * 60 * 60


def moment(text: str) -> dt.datetime:
    """A moment like 2026-03-02, 2026-03-02T09:30+01:00 or 12h ago; UTC where no zone is said."""
    if ago := _AGO.fullmatch(text):
        return clock.now() - dt.timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        if (day := parse_date(text)) is not None:
            return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
        if (found := parse_datetime(text)) is not None:
            return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    except ValueError:
        pass
    raise ArgumentTypeError(f"{text!r} is no moment like 2026-03-02, 2026-03-02T09:30+01:00 or 12h")


def days(text: str) -> int:
    """A number of days, at least one."""
    if re.fullmatch(r"\d{1,5}", text, re.ASCII) and 1 <= int(text) <= MOST_DAYS:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is no number of days from 1 to {MOST_DAYS:,}")


def minutes(text: str) -> int:
    """A number of minutes, at least one, at most a day."""
    if re.fullmatch(r"\d{1,4}", text, re.ASCII) and 1 <= int(text) <= MOST_MINUTES:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is no number of minutes from 1 to {MOST_MINUTES:,}")


def seconds(text: str) -> int:
    """A number of seconds, at most a day."""
    if re.fullmatch(r"\d{1,5}", text, re.ASCII) and int(text) <= MOST_SECONDS:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is no number of seconds from 0 to {MOST_SECONDS:,}")


def project(text: str) -> Project:
    """The project with this id, or the one project with this title. Raises CommandError, Invalid."""
    with acting_as_admin():
        try:
            found = list(Project.objects.filter(id=UUID(text)))
        except ValueError:
            title = clean_line(text, "project", most=TITLE_MAX_CHARACTERS)
            found = list(Project.objects.filter(title=title)[:2])
    if len(found) > 1:
        raise CommandError(f"Several projects are called “{text}”: name one by its id.")
    if not found:
        raise CommandError(f"There is no project {text}.")
    return found[0]


def person(email: str, argument: str = "email") -> User:
    """Who signs in by this e-mail. Raises CommandError, or Invalid naming the argument."""
    wanted = clean_line(email, argument, most=EMAIL_MAX_CHARACTERS)
    found = User.objects.filter(email__iexact=wanted).first()
    if found is None:
        raise CommandError(f"Nobody has the e-mail {wanted}.")
    return found
