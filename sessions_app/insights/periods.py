"""Periods that figures are of: whole days of somebody's own time zone, and the period before to compare with.

A day lasts from the first moment of its date to the first moment of the next: 23, 24 or 25 hours where clocks
change. Whatever has a moment belongs to the day on which that moment falls. It is counted by quarters of an
hour, so a period that is not over ends with one.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from functools import cached_property

DAY_CHOICES = (7, 30, 90, 365)
USUAL_DAYS = 30
# Three years: more is told better by several.
MOST_DAYS = 1_096
EARLIEST = dt.date(2000, 1, 1)
DAYS_A_WEEK = 7

# Days a stretch, and up to how many days of a period it is taken for.
_STRETCHES = ((1, 45), (DAYS_A_WEEK, 400), (4 * DAYS_A_WEEK, MOST_DAYS))

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ONE_DAY = dt.timedelta(days=1)
_QUARTER = dt.timedelta(minutes=15)
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class BadPeriod(ValueError):
    """A period that is none: `field` is `days`, `from` or `to`, `rule` what it must be."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field} {rule}")
        self.field, self.rule = field, rule


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last` in a time zone.

    `until` is the moment at which it is cut off, because the rest is still to come or to be counted; None: it
    is whole. `days_chosen` is the choice it was asked for by, 0: by dates of one's own.
    """

    first: dt.date
    last: dt.date
    zone: dt.tzinfo
    until: dt.datetime | None = None
    days_chosen: int = 0

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @cached_property
    def starts(self) -> tuple[dt.datetime, ...]:
        """The first moment of each day, in UTC."""
        return tuple(self._start_of(self.first + n * _ONE_DAY) for n in range(self.days))

    @property
    def stretch_days(self) -> int:
        """How many days one column of a chart stands for: a day, a week or four weeks."""
        return next(size for size, most in _STRETCHES if self.days <= most)

    def stretches(self, size: int) -> tuple[dt.date, ...]:
        """The first day of each stretch of so many days, counted from the end: the first may be shorter."""
        short = self.days % size
        starts = ((0,) if short else ()) + tuple(range(short, self.days, size))
        return tuple(self.first + n * _ONE_DAY for n in starts)

    def moments(self, days: tuple[dt.date, ...]) -> list[dt.datetime]:
        """The first moment of each of these days of the period, in UTC."""
        return [self.starts[(day - self.first).days] for day in days]

    @property
    def start(self) -> dt.datetime:
        return self.starts[0]

    @cached_property
    def end(self) -> dt.datetime:
        """The first moment that is no longer in it, in UTC."""
        return self.until or self._start_of(self.last + _ONE_DAY)

    def up_to(self, moment: dt.datetime) -> Period:
        """The same, cut off with the last quarter of an hour that is over by a moment, if it lasts longer."""
        until = moment.astimezone(dt.UTC)
        until -= (until - _EPOCH) % _QUARTER
        return replace(self, until=until) if until < self.end else self

    @cached_property
    def weeks_before(self) -> int:
        """By how many weeks the period before is earlier: the fewest by which the two share no day."""
        return -(-self.days // DAYS_A_WEEK)

    @cached_property
    def before(self) -> Period:
        """As many days, whole weeks earlier, so that each day is compared with the same day of the week.

        It is cut off at the same time on the wall.
        """
        shift = dt.timedelta(weeks=self.weeks_before)
        until = self.until and (self.until.astimezone(self.zone) - shift).astimezone(dt.UTC)
        return Period(self.first - shift, self.last - shift, self.zone, until)

    def _start_of(self, day: dt.date) -> dt.datetime:
        # Where midnight itself is skipped, this is the moment at which the clocks jump over it.
        return dt.datetime.combine(day, dt.time(), self.zone).astimezone(dt.UTC)


def choose(now: dt.datetime, zone: dt.tzinfo, *, days: str = "", first: str = "", last: str = "") -> Period:
    """The period that was asked for: so many `days` up to today, or from `first` to `last`.

    Dates are written 2026-03-31, and "" is left out: without any it is the last 30 days; with `first` alone
    it lasts until today, with `last` alone 30 days. Raises BadPeriod.
    """
    today = now.astimezone(zone).date()
    if days and (first or last):
        raise BadPeriod("days", "is given without dates, or dates without it.")
    if not (first or last):
        number = _days(days) if days else USUAL_DAYS
        return Period(today - (number - 1) * _ONE_DAY, today, zone, days_chosen=number).up_to(now)
    end = _date("to", last, today) if last else today
    begin = _date("from", first, today) if first else max(EARLIEST, end - (USUAL_DAYS - 1) * _ONE_DAY)
    if begin > end:
        raise BadPeriod("from", "must not be after the last day.")
    period = Period(begin, end, zone)
    if period.days > MOST_DAYS:
        raise BadPeriod("from", f"must be at most {MOST_DAYS:,} days before the last day.")
    return period.up_to(now)


def _days(text: str) -> int:
    if text not in map(str, DAY_CHOICES):
        raise BadPeriod("days", f"must be one of {', '.join(map(str, DAY_CHOICES))}.")
    return int(text)


def _date(field: str, text: str, today: dt.date) -> dt.date:
    try:
        # Python alone would also take other ways to write a date, and the digits of other scripts.
        day = dt.date.fromisoformat(text.strip()) if _DATE.fullmatch(text.strip()) else None
    except ValueError:
        day = None
    if day is None:
        raise BadPeriod(field, "must be a date like 2026-03-31.")
    if not EARLIEST <= day <= today:
        raise BadPeriod(field, f"must be from {EARLIEST} to today.")
    return day
