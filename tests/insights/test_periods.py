"""Periods: whole days of a time zone, and the one before."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.insights.periods import MOST_DAYS, BadPeriod, Period, choose

UTC = dt.UTC
KATHMANDU, STOCKHOLM = ZoneInfo("Asia/Kathmandu"), ZoneInfo("Europe/Stockholm")
# Where midnight itself is skipped, and where a whole day was.
SAO_PAULO, APIA = ZoneInfo("America/Sao_Paulo"), ZoneInfo("Pacific/Apia")
NOON = dt.datetime(2026, 11, 26, 12, tzinfo=UTC)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def hours(period: Period) -> list[float]:
    """How long each day lasts."""
    ends = [*period.starts[1:], period.end]
    return [(end - start) / dt.timedelta(hours=1) for start, end in zip(period.starts, ends, strict=True)]


def test_a_day_is_the_persons_own() -> None:
    period = choose(NOON, KATHMANDU, first="2026-11-20", last="2026-11-21")
    assert period.starts == (
        dt.datetime(2026, 11, 19, 18, 15, tzinfo=UTC),
        dt.datetime(2026, 11, 20, 18, 15, tzinfo=UTC),
    )
    assert period.end == dt.datetime(2026, 11, 21, 18, 15, tzinfo=UTC)


def test_days_of_23_and_25_hours() -> None:
    assert hours(choose(NOON, STOCKHOLM, first="2026-03-28", last="2026-03-30")) == [24, 23, 24]
    assert hours(choose(NOON, STOCKHOLM, first="2026-10-24", last="2026-10-26")) == [24, 25, 24]
    assert hours(choose(NOON, SAO_PAULO, first="2018-11-03", last="2018-11-05")) == [24, 23, 24]
    assert hours(choose(NOON, APIA, first="2011-12-29", last="2011-12-31")) == [24, 0, 24]


def test_without_a_choice_it_is_thirty_days_up_to_now() -> None:
    period = choose(NOON, STOCKHOLM)
    assert (period.first, period.last, period.days, period.days_chosen) == (
        day("2026-10-28"),
        day("2026-11-26"),
        30,
        30,
    )
    assert period.end == NOON


def test_the_period_before_shares_no_day_and_has_the_same_weekdays() -> None:
    for days, weeks in (("7", 1), ("30", 5), ("90", 13), ("365", 53)):
        period = choose(NOON, STOCKHOLM, days=days)
        before = period.before
        assert (period.weeks_before, before.days) == (weeks, period.days)
        assert before.last < period.first
        assert before.first.weekday() == period.first.weekday()
        # Today is cut off now, and the day it is compared with at the same time on the wall.
        assert before.end.astimezone(STOCKHOLM).time() == dt.time(13)
    whole = choose(NOON, STOCKHOLM, first="2026-11-02", last="2026-11-08")
    assert whole.before == Period(day("2026-10-26"), day("2026-11-01"), STOCKHOLM)


@given(st.integers(0, MOST_DAYS - 1), st.integers(0, 3_000), st.sampled_from((1, 7, 28)))
def test_stretches_cover_the_period_and_end_with_it(length: int, back: int, size: int) -> None:
    last = NOON.date() - dt.timedelta(days=back)
    period = Period(last - dt.timedelta(days=length), last, KATHMANDU)
    stretches = period.stretches(size)
    assert stretches[0] == period.first
    ends = [*stretches[1:], last + dt.timedelta(days=1)]
    sizes = [(end - start).days for start, end in zip(stretches, ends, strict=True)]
    assert sum(sizes) == period.days
    assert set(sizes[1:]) <= {size}
    assert 0 < sizes[0] <= size
    assert period.moments(stretches)[-1] == period.starts[(stretches[-1] - period.first).days]


@pytest.mark.parametrize(
    ("moment", "ends"),
    [
        ("2026-11-26T10:14:59+00:00", "2026-11-26T10:00:00+00:00"),
        ("2026-11-26T10:15:00+00:00", "2026-11-26T10:15:00+00:00"),
        ("2026-11-24T18:00:00+00:00", "2026-11-24T18:00:00+00:00"),
        ("2027-01-01T00:00:00+00:00", "2026-11-26T18:15:00+00:00"),
    ],
)
def test_it_is_cut_off_with_a_quarter_of_an_hour(moment: str, ends: str) -> None:
    cut = Period(day("2026-11-20"), day("2026-11-26"), KATHMANDU).up_to(dt.datetime.fromisoformat(moment))
    assert cut.end == dt.datetime.fromisoformat(ends)
    assert cut.before.end == cut.end - dt.timedelta(days=7)


def test_of_an_hour_that_comes_twice_each_is_cut_off_by_itself() -> None:
    """A week before it came once, and both are compared with it."""
    for hour in (0, 1):
        now = dt.datetime(2026, 10, 25, hour, 31, tzinfo=UTC)
        period = choose(now, STOCKHOLM, days="7")
        assert period.end == now.replace(minute=30)
        assert period.before.end == dt.datetime(2026, 10, 18, 0, 30, tzinfo=UTC)


def test_one_date_is_enough() -> None:
    assert choose(NOON, UTC, first="2026-11-01").last == NOON.date()
    assert choose(NOON, UTC, last="2026-11-01").first == day("2026-10-03")
    assert choose(NOON, UTC, last="2000-01-02").first == day("2000-01-01")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"days": "8"}, "days"),
        ({"days": "-7"}, "days"),
        ({"days": "٧"}, "days"),
        ({"days": "7", "first": "2026-11-01"}, "days"),
        ({"first": "yesterday"}, "from"),
        ({"first": "2026-02-30"}, "from"),
        ({"first": "2026-W01-1"}, "from"),
        ({"first": "20261101"}, "from"),
        ({"first": "٢٠٢٦-١١-٠١"}, "from"),
        ({"first": "1999-12-31"}, "from"),
        ({"first": "2026-11-27"}, "from"),
        ({"first": "2026-11-02", "last": "2026-11-01"}, "from"),
        ({"first": "2020-01-01", "last": "2026-11-01"}, "from"),
        ({"last": "2026-11-27"}, "to"),
        ({"last": "0001-01-01"}, "to"),
        ({"last": "9" * 400}, "to"),
    ],
)
def test_what_is_no_period_names_its_field(asked: dict[str, str], field: str) -> None:
    with pytest.raises(BadPeriod) as refused:
        choose(NOON, UTC, **asked)
    assert refused.value.field == field
