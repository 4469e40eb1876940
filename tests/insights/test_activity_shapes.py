from datetime import UTC, datetime

import pytest

from sessions_app.insights.activity_shapes import (
    MAX_IDS,
    MAX_LABEL,
    MAX_LIST,
    MAX_TEXT,
    BadActivity,
    read_ids,
    read_label,
    read_list,
    read_moment,
    read_object,
    read_text,
    read_texts,
)
from tests.insights.cast import uid


def refused(read, value):
    with pytest.raises(BadActivity) as caught:
        read(value, "field")
    return caught.value


def test_an_error_names_field_and_rule():
    error = refused(read_text, 3)
    assert (error.field, error.rule, str(error)) == ("field", "must be text.", "field must be text.")


def test_text_is_stripped_and_1_to_2000_characters():
    assert read_text("  hello\n", "field") == "hello"
    assert read_text("\u2067hello \u2069", "field") == "hello"
    assert len(read_text(" " + "x" * MAX_TEXT + " ", "field")) == MAX_TEXT
    for value in ("", " \n ", "x" * (MAX_TEXT + 1)):
        assert refused(read_text, value).rule == "must have 1 to 2000 characters."


@pytest.mark.parametrize("value", ["a\x00b", "\ud800", "a\udfff"])
def test_text_that_cannot_be_stored_is_refused(value):
    assert refused(read_text, value).rule == "must not contain NUL or half a surrogate pair."


@pytest.mark.parametrize("value", [None, 1, 1.5, True, [], {}])
def test_nothing_is_cast_to_text(value):
    refused(read_text, value)


def test_a_label_may_be_absent_and_is_short():
    assert read_label(None, "field") == ""
    assert read_label(" high ", "field") == "high"
    refused(read_label, "x" * (MAX_LABEL + 1))
    refused(read_label, 5)


def test_a_list_gives_each_entry_its_path():
    assert read_list(["a", 2], "field") == [("field[0]", "a"), ("field[1]", 2)]
    assert read_list(None, "field") == []
    for value in ("a", {}, 1, False):
        refused(read_list, value)


def test_lists_are_bounded():
    assert len(read_list([1] * MAX_LIST, "field")) == MAX_LIST
    assert refused(read_list, [1] * (MAX_LIST + 1)).rule == "must have at most 50 entries."
    refused(read_ids, [str(uid(1))] * (MAX_IDS + 1))


def test_texts_and_ids_count_once():
    assert read_texts(["yes", "no", " yes "], "field") == ("yes", "no")
    assert read_ids([str(uid(2)), str(uid(1)), str(uid(2)).upper()], "field") == (uid(2), uid(1))


@pytest.mark.parametrize(
    "value",
    [1, None, "", "x", "{" + str(uid(1)) + "}", "urn:uuid:" + str(uid(1)), uid(1).hex, str(uid(1)) + "\n"],
)
def test_only_a_plain_uuid_is_an_id(value):
    with pytest.raises(BadActivity) as caught:
        read_ids([str(uid(1)), value], "details.blocks")
    assert caught.value.field == "details.blocks[1]"


def test_a_moment_is_read_in_utc():
    assert read_moment("2025-03-14T12:00:00+02:00", "field") == datetime(2025, 3, 14, 10, tzinfo=UTC)
    assert read_moment("2025-03-14T12:00:00Z", "field") == datetime(2025, 3, 14, 12, tzinfo=UTC)
    assert read_moment(None, "field") is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "tomorrow",
        "2025-03-14",
        "2025-03-14T12:00:00",
        "2025-02-30T12:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "\ud800",
        1741953600,
        True,
    ],
)
def test_a_moment_without_a_place_in_time_is_refused(value):
    refused(read_moment, value)


def test_an_object_is_an_object():
    assert read_object({"a": 1}, "field") == {"a": 1}
    for value in (None, [], "a"):
        refused(read_object, value)
