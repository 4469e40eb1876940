import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.insights.step_row import PRIORITIES, RULES, StepRow
from tests.insights.cast import NOW, row

moments = st.datetimes(
    # Far from the first and the last year, which have moments that UTC has not.
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - the zone comes below
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001 - the zone comes below
    timezones=st.integers(-12 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
)
rows = st.builds(
    StepRow,
    id=st.text(),
    rule=st.sampled_from(RULES),
    subject=st.text(),
    priority=st.sampled_from(PRIORITIES),
    blocks_others=st.booleans(),
    blocked_count=st.integers(0),
    since=st.none() | moments,
    detail=st.text(),
    subject_version=st.integers(0),
)


@given(rows)
def test_a_row_comes_back_from_json_as_it_was(row):
    assert StepRow.from_json(json.loads(json.dumps(row.as_json()))) == row


def test_times_are_stored_in_utc():
    east = replace(row("answer"), since=NOW.astimezone(timezone(timedelta(hours=9))))
    assert east.as_json()["since"] == "2025-03-14T12:00:00+00:00"


def test_no_sentence_is_stored():
    assert set(row("answer").as_json()) == {
        "id",
        "rule",
        "subject",
        "priority",
        "blocks_others",
        "blocked_count",
        "since",
        "detail",
        "subject_version",
        "frees",
    }


def test_a_time_without_zone_is_not_stored():
    with pytest.raises(ValueError, match="since"):
        replace(row("answer"), since=datetime(2025, 3, 14)).as_json()  # noqa: DTZ001


def test_a_key_of_a_later_release_is_left_out():
    stored = row("answer").as_json()
    assert StepRow.from_json(stored | {"colour": "red"}) == row("answer")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", None),
        ("rule", "of_a_later_release"),
        ("priority", "urgent"),
        ("blocks_others", 1),
        ("blocked_count", True),
        ("blocked_count", "3"),
        ("since", 12),
        ("since", "yesterday"),
        ("since", "2025-03-14T12:00:00"),
        ("subject_version", 1.5),
    ],
)
def test_a_stored_row_that_cannot_be_worded_is_refused(key, value):
    with pytest.raises(ValueError):
        StepRow.from_json(row("answer").as_json() | {key: value})


@given(st.dictionaries(st.sampled_from(list(row("answer").as_json())), st.none() | st.integers() | st.text()))
def test_nothing_but_valueerror_comes_of_broken_rows(broken):
    with suppress(ValueError):
        StepRow.from_json(row("answer").as_json() | broken)


def test_a_row_of_the_release_before_frees_nothing_by_name():
    stored = row("answer_blocking", count=2, frees=2).as_json()
    del stored["frees"]
    assert StepRow.from_json(stored).frees == 0
