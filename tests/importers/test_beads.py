"""The agents' work log: states, types, dependencies, and lines that cannot be read."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from sessions_app.importers import read
from sessions_app.importers.rows import KEY_MAX, REASON_MAX, RECORD_MAX_BYTES, TEXT_MAX, TITLE_MAX


@pytest.fixture
def beads(tmp_path):
    """Writes lines (objects, text or bytes), reads the file."""

    def write_and_read(*lines):
        path = tmp_path / "work.jsonl"
        path.write_bytes(b"".join(as_bytes(line) + b"\n" for line in lines))
        return read(path, "beads")

    return write_and_read


def as_bytes(line):
    if isinstance(line, bytes):
        return line
    return (line if isinstance(line, str) else json.dumps(line)).encode()


def bead(key="f-1", **fields):
    return {"id": key, "title": "Paint the fence", "status": "open", "issue_type": "task"} | fields


def blocks(source, target, kind="blocks"):
    return {"issue_id": source, "depends_on_id": target, "type": kind}


def test_a_closed_bead_is_decided_by_its_close_reason(beads):
    row = beads(
        bead(
            status="closed",
            description="It is grey.\r\n",
            close_reason="Painted it blue",
            assignee="crew/ann",
            created_by="bo",
            updated_at="2025-12-26T00:00:00Z",
            closed_at="2025-12-25T01:04:51.755145-08:00",
        )
    ).rows[0]
    assert (row.key, row.title, row.state, row.reason) == (
        "f-1",
        "Paint the fence",
        "decided",
        "Painted it blue",
    )
    assert row.text == "It is grey."
    assert row.date == datetime(2025, 12, 25, 9, 4, 51, 755145, tzinfo=UTC)
    assert row.people == ("crew/ann", "bo")
    assert row.where == "work.jsonl:1"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("closed", "decided"),
        ("open", "exploring"),
        ("in_progress", "exploring"),
        ("hooked", "exploring"),
        ("pinned", "exploring"),
        ("blocked", "exploring"),
        ("deferred", "parked"),
    ],
)
def test_each_status(beads, status, state):
    reading = beads(bead(status=status))
    assert reading.rows[0].state == state
    assert reading.unknown_statuses == ()


@pytest.mark.parametrize("status", ["done", "", None])
def test_another_status_is_exploring_and_reported(beads, status):
    reading = beads(bead(status=status))
    assert reading.rows[0].state == "exploring"
    assert reading.unknown_statuses[0].where == "work.jsonl:1"


def test_a_tombstone_is_gone_whatever_its_type(beads):
    reading = beads(
        {"id": "f-1", "status": "tombstone", "issue_type": "message", "original_type": "message"},
        bead("f-2", status="tombstone", original_type="task"),
    )
    assert (reading.rows, reading.gone, reading.skipped) == ((), ("f-1", "f-2"), {})


def test_types_that_are_items_and_types_that_are_not(beads):
    kinds = ["task", "bug", "feature", "epic", "chore", None, "", "message", "molecule", "message"]
    reading = beads(*(bead(f"f-{n}", issue_type=kind) for n, kind in enumerate(kinds)))
    assert len(reading.rows) == 7
    assert reading.skipped == {"message": 2, "molecule": 1}


def test_why_it_was_deferred_begins_the_notes(beads):
    row = beads(bead(status="deferred", notes="After the winter.\n\nLong plan.")).rows[0]
    assert row.reason == "After the winter."
    assert row.text == "## Notes\n\nAfter the winter.\n\nLong plan."


def test_all_long_fields_are_in_the_text(beads):
    row = beads(bead(description="Why.", design="How.", acceptance_criteria="When done.")).rows[0]
    assert row.text == "Why.\n\n## Design\n\nHow.\n\n## Acceptance criteria\n\nWhen done."


def test_an_open_bead_is_dated_by_its_last_change(beads):
    dates = {"created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-02-01T00:00:00Z"}
    reading = beads(
        bead("f-1", **dates, closed_at="2025-03-01T00:00:00Z"),
        bead("f-2", created_at=dates["created_at"]),
        bead("f-3", status="closed", **dates),
        bead("f-4"),
        bead("f-5", updated_at="0001-01-01T00:00:00Z"),
    )
    assert [row.date and row.date.month for row in reading.rows] == [2, 1, 2, None, None]
    assert reading.notes == ()


def test_an_unreadable_date_is_a_note(beads):
    reading = beads(bead(updated_at="yesterday"))
    assert reading.rows[0].date is None
    assert "yesterday" in reading.notes[0].what


def test_blocks_links_become_dependencies_forwards_too(beads):
    reading = beads(bead("f-1", dependencies=[blocks("f-1", "f-2")]), bead("f-2"))
    assert [row.waits_for for row in reading.rows] == [("f-2",), ()]
    assert reading.dependencies_dropped == {}


def test_circles_are_left_to_the_caller(beads):
    reading = beads(
        bead("f-1", dependencies=[blocks("f-1", "f-2")]), bead("f-2", dependencies=[blocks("f-2", "f-1")])
    )
    assert [row.waits_for for row in reading.rows] == [("f-2",), ("f-1",)]


def test_dependencies_that_make_no_edge_are_counted_by_reason(beads):
    targets = ["f-1", "f-2", "f-2", "dead", "mail", "elsewhere"]
    reading = beads(
        bead("f-1", dependencies=[blocks("f-1", target) for target in targets]),
        bead("f-2"),
        bead("dead", status="tombstone"),
        bead("mail", issue_type="message", dependencies=[blocks("mail", "f-1")]),
    )
    assert reading.rows[0].waits_for == ("f-2",)
    assert reading.dependencies_dropped == {"self": 1, "repeated": 1, "gone": 1, "skipped": 1, "unknown": 1}


def test_a_dependency_belongs_to_the_issue_it_names(beads):
    reading = beads(bead("f-1"), bead("f-2", dependencies=[blocks("f-1", "f-2"), blocks("dead", "f-2")]))
    assert reading.rows[0].waits_for == ("f-2",)
    assert reading.dependencies_dropped == {"unknown": 1}


def test_other_links_are_no_dependencies(beads):
    links = [blocks("f-1", "f-2", "parent-child"), blocks("f-1", "f-2", "discovered-from")]
    reading = beads(bead("f-1", dependencies=links), bead("f-2"))
    assert reading.rows[0].waits_for == ()
    assert reading.dependencies_ignored == {"parent-child": 1, "discovered-from": 1}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "The line is not JSON"),
        ("[1]", "not an object"),
        ("null", "not an object"),
        (b'{"id": "\xff"}', "not UTF-8 (at byte 9)"),
        (b'{"id": "a\0"}', "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        ('{"id": "a", "n": NaN}', "NaN is not JSON"),
        ('{"id": "a", "n": -Infinity}', "-Infinity is not JSON"),
        ('{"id": "a", "id": "b"}', 'The field "id" is there twice.'),
        ('{"id": "a", "x": {"y": 1, "y": 1}}', 'The field "y" is there twice.'),
        ('{"id": "a", "x": ' + "[" * 100_000, "nested too deep"),
        ('{"id": "a", "n": ' + "9" * 5_000 + "}", "a number that is too long"),
        ("{}", "id is missing."),
        (bead(key=" "), "id is missing."),
        (bead(key=None), "id is missing."),
        (bead(key=7), "id must be text, not a number."),
        (bead(key="x" * (KEY_MAX + 1)), "id is longer than 255 characters."),
        (bead(key="good"), 'id "good" is already used at work.jsonl:1.'),
        (bead(title=None), "title is missing."),
        (bead(title=" \n"), "title is missing."),
        (bead(title=["x"]), "title must be text, not a list."),
        (bead(title="a\0b"), "title contains a NUL character."),
        (bead(title="a\ud800b"), "title contains half a character (a lone surrogate)."),
        (bead(description={}), "description must be text, not an object."),
        (bead(status=True), "status must be text, not true or false."),
        (bead(issue_type=1.5), "issue_type must be text, not a number."),
        (bead(updated_at=1766648691), "updated_at must be text, not a number."),
        (bead(assignee=["ann"]), "assignee must be text, not a list."),
        (bead(dependencies="good"), "dependencies must be a list, not text."),
        (bead(dependencies=["good"]), "dependencies[0] must be an object."),
        (bead(dependencies=[{"depends_on_id": "good"}]), "dependencies[0].type is missing."),
        (bead(dependencies=[{"type": "blocks"}]), "dependencies[0].depends_on_id is missing."),
        (
            bead(dependencies=[{"type": "blocks", "depends_on_id": 1}]),
            "dependencies[0].depends_on_id must be text, not a number.",
        ),
        (b'{"id": "' + b"x" * RECORD_MAX_BYTES + b'"}', "The line is longer than 2 MB."),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_bad_line_is_a_problem_and_the_others_are_read(beads, line, what):
    reading = beads(bead("good"), "", line, bead("last"))
    assert [row.key for row in reading.rows] == ["good", "last"]
    assert [problem.where for problem in reading.problems] == ["work.jsonl:3"]
    assert what in reading.problems[0].what
    assert reading.read == 3


def test_a_bad_record_leaves_its_id_free_and_its_counts_alone(beads):
    bad = bead("f-1", status="odd", dependencies=[blocks("f-1", "f-2", "related"), 7])
    reading = beads(bad, bead("f-1"))
    assert [row.where for row in reading.rows] == ["work.jsonl:2"]
    assert (reading.dependencies_ignored, reading.unknown_statuses) == ({}, ())


def test_blank_lines_a_byte_order_mark_and_a_missing_last_line_end(tmp_path):
    path = tmp_path / "work.jsonl"
    lines = [json.dumps(bead("f-1")), "", "  ", json.dumps(bead("f-2"))]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    reading = read(path)
    assert [row.where for row in reading.rows] == ["work.jsonl:1", "work.jsonl:4"]
    assert reading.read == 2


def test_a_line_separator_inside_a_text_ends_no_line(beads):
    reading = beads(json.dumps(bead(description="a\u2028b\x85c"), ensure_ascii=False))
    assert reading.rows[0].text == "a\u2028b\x85c"


def test_long_fields_are_cut_visibly_and_counted(beads):
    reading = beads(
        bead(
            "f-1",
            status="closed",
            title="word " * 99,
            description="x" * (TEXT_MAX + 1),
            close_reason="word " * 999,
        ),
        bead("f-2", title="x" * TITLE_MAX, description="x" * TEXT_MAX),
    )
    row, exact = reading.rows
    assert row.title.endswith("word…")
    assert (len(row.text), row.text[-2:]) == (TEXT_MAX, "x…")
    assert len(row.reason) <= REASON_MAX
    assert "…" not in exact.title + exact.text
    assert reading.shortened == {"title": 1, "text": 1, "reason": 1}


def test_a_title_is_one_line(beads):
    assert beads(bead(title="  Paint\n the\tfence ")).rows[0].title == "Paint the fence"
