"""Days in words are the reader's own, also those of 23 and of 25 hours (case F09)."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from itertools import pairwise

import pytest
from django.utils import timezone

from sessions_app import clock
from sessions_app.panels.days import day_label, since_label

OSLO = zoneinfo.ZoneInfo("Europe/Oslo")
# The clocks go from 02:00 to 03:00 on the first, from 03:00 back to 02:00 on the second.
SHORT, LONG = dt.date(2026, 3, 29), dt.date(2026, 10, 25)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def midnight(day: dt.date) -> dt.datetime:
    """The first moment of a day in Oslo."""
    return dt.datetime.combine(day, dt.time(), OSLO).astimezone(dt.UTC)


def label_at(now: dt.datetime, moment: dt.datetime, zone: zoneinfo.ZoneInfo = OSLO) -> str:
    """What the day of `moment` is called by somebody who looks at `now`."""
    with clock.at(now), timezone.override(zone):
        return day_label(timezone.localdate(moment))


@pytest.mark.parametrize(("day", "hours"), [(SHORT, 23), (LONG, 25)])
def test_today_is_as_long_as_the_day_is(day: dt.date, hours: int) -> None:
    begins, ends = midnight(day), midnight(day + DAY)
    assert (ends - begins) / HOUR == hours
    moments = [begins + HOUR * number for number in range(hours)]
    for now in (begins, begins + 2.5 * HOUR, ends - HOUR / 60):
        assert {label_at(now, moment) for moment in moments} == {"Today"}
        assert label_at(now, begins - HOUR / 60) == "Yesterday"
        assert label_at(now, ends) != "Today"
    assert {label_at(ends, moment) for moment in moments} == {"Yesterday"}


@pytest.mark.parametrize("day", [SHORT, LONG])
def test_no_day_is_left_out_or_told_twice(day: dt.date) -> None:
    """Hour by hour through the days around it: each label once, in order."""
    now = midnight(day + 2 * DAY) + HOUR
    moments = [midnight(day - DAY) + HOUR * number for number in range(24 * 4)]
    labels = [label_at(now, moment) for moment in moments if moment <= now]
    runs = [labels[0], *(then for last, then in pairwise(labels) if then != last)]
    before = f"Saturday {(day - DAY).day} {day:%B}"
    assert runs == [before, f"Sunday {day.day} {day:%B}", "Yesterday", "Today"]


def test_today_is_the_readers_own() -> None:
    now = dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC)
    moment = dt.datetime(2026, 3, 28, 23, 15, tzinfo=dt.UTC)
    assert label_at(now, moment) == "Today"
    assert label_at(now, moment, zoneinfo.ZoneInfo("UTC")) == "Yesterday"
    assert label_at(now, moment, zoneinfo.ZoneInfo("America/New_York")) == "Today"
    assert label_at(now, now + 9 * HOUR, zoneinfo.ZoneInfo("Pacific/Kiritimati")) == "Today"


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        # Both are 02:30 by the clock, an hour apart.
        (dt.datetime(2026, 10, 25, 2, 30, tzinfo=OSLO, fold=0), "02:30"),
        (dt.datetime(2026, 10, 25, 2, 30, tzinfo=OSLO, fold=1), "02:30"),
        (midnight(LONG), "00:00"),
        (midnight(LONG) - HOUR / 60, "yesterday"),
        (midnight(LONG - 6 * DAY), "Monday"),
        (midnight(LONG - 6 * DAY) - HOUR / 60, "18 October"),
    ],
)
def test_since_when_on_a_day_of_25_hours(moment: dt.datetime, told: str) -> None:
    with clock.at(midnight(LONG + DAY) - HOUR / 60), timezone.override(OSLO):
        assert since_label(moment) == told
