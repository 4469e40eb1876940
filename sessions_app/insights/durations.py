"""How long ago, in words. The database words the same in SQL; a test holds the two together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

ONE_MINUTE = timedelta(minutes=1)
ONE_HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)

# Months and years are counted in whole days, as the SQL does: no calendar, no time zone.
DAYS_A_WEEK = 7
DAYS_A_MONTH = 30
DAYS_A_YEAR = 365


def ago(moment: datetime, now: datetime) -> str:
    """`just now`, `1 minute ago` … `2 years ago`: one unit, rounded down.

    Both moments carry a time zone. Under a minute, or in the future, is just now. Days run to 6,
    weeks to day 29, months to day 364 (docs: rules of the summary).
    """
    duration = _duration(moment, now)
    return f"{duration} ago" if duration else "just now"


def for_how_long(since: datetime, now: datetime) -> str:
    """`less than a minute`, `1 minute` … `2 years`: as `ago`, to stand after "for"."""
    return _duration(since, now) or "less than a minute"


def until(moment: datetime, now: datetime) -> str:
    """`in 3 hours`, `in less than a minute`, and `now` for what has come: as `ago`, for what lies ahead."""
    if moment <= now:
        return "now"
    return f"in {for_how_long(now, moment)}"


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """`1 item`, `2 items`; the plural is given where an s does not make it."""
    return f"{count} {singular if count == 1 else plural or singular + 's'}"


def span(elapsed: timedelta) -> str:
    """`less than a minute`, `1 minute` … `2 years`."""
    return _in_words(elapsed) or "less than a minute"


def measured(seconds: float) -> str:
    """`42 s`, `4 min 20 s`, `17 min`, `1 h 5 min`, `14 h`, `2.4 days`, `23 days`, for what is measured.

    Rounded to two units at most, and about two digits that matter.
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        return _two(divmod(whole, 60), "min", "s")
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 600:
        return _two(divmod(minutes, 60), "h", "min")
    hours = round(seconds / 3_600)
    if hours < 48:
        return f"{hours} h"
    days = seconds / 86_400
    return f"{days:.1f} days" if days < 9.95 else f"{days:,.0f} days"


def took(seconds: float) -> str:
    """`4 ms`, `250 ms`, `1.3 s`, `42 s`, `17 min`: of what is soon over."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 9.95 else measured(seconds)


def _two(parts: tuple[int, int], large: str, small: str) -> str:
    return f"{parts[0]} {large} {parts[1]} {small}" if parts[1] else f"{parts[0]} {large}"


def _duration(since: datetime, now: datetime) -> str:
    """The duration in words; empty under a minute."""
    # In UTC, because two moments of one zone are subtracted by the clock on the wall: an hour off
    # over a change to or from summer time.
    return _in_words(now.astimezone(UTC) - since.astimezone(UTC))


def _in_words(elapsed: timedelta) -> str:
    if elapsed < ONE_MINUTE:
        return ""
    if elapsed < ONE_HOUR:
        return counted(elapsed // ONE_MINUTE, "minute")
    if elapsed < ONE_DAY:
        return counted(elapsed // ONE_HOUR, "hour")
    return _days_in_words(elapsed // ONE_DAY)


def _days_in_words(days: int) -> str:
    if days < DAYS_A_WEEK:
        return counted(days, "day")
    if days < DAYS_A_MONTH:
        return counted(days // DAYS_A_WEEK, "week")
    if days < DAYS_A_YEAR:
        return counted(days // DAYS_A_MONTH, "month")
    return counted(days // DAYS_A_YEAR, "year")
