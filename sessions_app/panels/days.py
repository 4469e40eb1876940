"""Days in words, in the reader's own time zone."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from sessions_app import clock


def day_label(day: dt.date) -> str:
    """ "Today", "Yesterday", "Tuesday 17 November", with the year when it is another one."""
    today = timezone.localdate(clock.now())
    if day == today:
        return "Today"
    if day == today - dt.timedelta(days=1):
        return "Yesterday"
    year = f" {day.year}" if day.year != today.year else ""
    return f"{day:%A} {day.day} {day:%B}{year}"


def since_label(moment: dt.datetime) -> str:
    """ "Tuesday" within the week, "17 November" before; in the reader's own time zone."""
    local, today = timezone.localtime(moment), timezone.localtime(clock.now())
    days = (today.date() - local.date()).days
    if days == 0:
        return f"{local:%H:%M}"
    if days == 1:
        return "yesterday"
    return f"{local:%A}" if days < 7 else f"{local.day} {local:%B}"
