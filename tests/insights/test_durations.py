from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.insights.durations import ago, counted, for_how_long, until
from tests.insights.cast import NOW

TABLE = [
    (timedelta(0), "just now"),
    (timedelta(seconds=59, microseconds=999_999), "just now"),
    (timedelta(seconds=60), "1 minute ago"),
    (timedelta(seconds=119), "1 minute ago"),
    (timedelta(minutes=2), "2 minutes ago"),
    (timedelta(minutes=59, seconds=59), "59 minutes ago"),
    (timedelta(hours=1), "1 hour ago"),
    (timedelta(hours=23, minutes=59, seconds=59), "23 hours ago"),
    (timedelta(days=1), "1 day ago"),
    (timedelta(days=2) - timedelta(microseconds=1), "1 day ago"),
    (timedelta(days=6, hours=23), "6 days ago"),
    (timedelta(days=7), "1 week ago"),
    (timedelta(days=13, hours=23), "1 week ago"),
    (timedelta(days=14), "2 weeks ago"),
    (timedelta(days=29, hours=23), "4 weeks ago"),
    (timedelta(days=30), "1 month ago"),
    (timedelta(days=59), "1 month ago"),
    (timedelta(days=60), "2 months ago"),
    (timedelta(days=364, hours=23), "12 months ago"),
    (timedelta(days=365), "1 year ago"),
    (timedelta(days=729), "1 year ago"),
    (timedelta(days=730), "2 years ago"),
]


@pytest.mark.parametrize(("elapsed", "words"), TABLE)
def test_one_unit_rounded_down(elapsed, words):
    assert ago(NOW - elapsed, NOW) == words


def test_the_future_counts_as_just_now():
    assert ago(NOW + timedelta(days=3), NOW) == "just now"


def test_until_is_the_same_for_what_lies_ahead():
    """Rounded down as well: "in 2 hours" is two hours at least."""
    assert until(NOW + timedelta(hours=2, minutes=59), NOW) == "in 2 hours"
    assert until(NOW + timedelta(days=1), NOW) == "in 1 day"
    assert until(NOW + timedelta(seconds=59), NOW) == "in less than a minute"
    assert until(NOW, NOW) == "now"
    assert until(NOW - timedelta(days=1), NOW) == "now"


def test_for_how_long_is_the_same_without_ago():
    assert for_how_long(NOW - timedelta(days=14), NOW) == "2 weeks"
    assert for_how_long(NOW, NOW) == "less than a minute"
    assert for_how_long(NOW + timedelta(days=3), NOW) == "less than a minute"


def test_a_change_to_summer_time_adds_no_hour():
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2025, 3, 30, 1, 30, tzinfo=berlin)
    after = datetime(2025, 3, 30, 3, 30, tzinfo=berlin)
    assert ago(before, after) == "1 hour ago"


@given(
    st.timedeltas(timedelta(0), timedelta(days=20_000)), st.timedeltas(timedelta(0), timedelta(days=20_000))
)
def test_longer_never_reads_shorter(one, other):
    units = ["minute", "hour", "day", "week", "month", "year"]

    def size(elapsed):
        words = ago(datetime(2100, 1, 1, tzinfo=UTC) - elapsed, datetime(2100, 1, 1, tzinfo=UTC))
        if words == "just now":
            return (-1, 0)
        number, unit, _ago = words.split()
        assert (number == "1") == (not unit.endswith("s"))
        return (units.index(unit.removesuffix("s")), int(number))

    short, long = sorted([one, other])
    assert size(short) <= size(long)


def test_counted_has_the_right_singular():
    assert [counted(n, "item") for n in (0, 1, 2)] == ["0 items", "1 item", "2 items"]
    assert counted(2, "item waits", "items wait") == "2 items wait"
