"""Days that people give in forms."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.dateparse import parse_date

from sessions_app import clock
from sessions_app.services.errors import Invalid
from sessions_app.views.access import ProjectRequest

MORNING_HOUR = 8


def morning_of(request: ProjectRequest, field: str) -> dt.datetime | None:
    """The coming morning of a field's date in the person's own time zone; '' is no date. Raises Invalid."""
    day = request.POST.get(field, "")
    if not day.strip():
        return None
    try:
        # Python would also take the digits of other scripts.
        date = parse_date(day.strip()) if day.isascii() else None
    except ValueError:
        date = None
    if date is None or date.year > timezone.localdate().year + 100:
        raise Invalid(field, "must be a date like 2027-03-31.")
    morning = timezone.make_aware(dt.datetime.combine(date, dt.time(MORNING_HOUR)))
    # Said here already, by the name that the field has in the form.
    if morning <= clock.now():
        raise Invalid(field, "must be in the future.")
    return morning
