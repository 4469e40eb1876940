"""Decision records: what becomes of each style, status, name and date."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from sessions_app.importers import read
from sessions_app.importers.rows import RECORD_MAX_BYTES, TEXT_MAX, TITLE_MAX

NYGARD = """\
# 7. Paint the fence

Date: 2024-03-09

## Status

✅ Accepted

## Context

It is grey.

## Decision

We will paint it **blue**, see [the shades](shades.md)
and [the shop].

Twice.

[the shop]: https://shop.example
"""

MADR = """\
---
# optional metadata
status: "accepted"  # since spring
date: 2024-03-09
decision-makers:
  - Ann Lee, security
  - 'Bo'
consulted: [Cy]
---

# Paint the fence

## Context and Problem Statement

It is grey.

## Decision Outcome

Chosen option: "blue", because people asked.
"""


@pytest.fixture
def adr(tmp_path):
    """Writes files by name, reads the folder."""

    def write_and_read(**files):
        for name, content in files.items():
            path = tmp_path / f"{name}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(tmp_path, "adr")

    return write_and_read


@pytest.fixture
def one(adr):
    """The single row of a single record."""

    def read_one(content, name="007-fence"):
        reading = adr(**{name: content})
        assert reading.problems == ()
        return reading.rows[0]

    return read_one


def nygard(status):
    return f"# Paint the fence\n\n## Status\n\n{status}\n\n## Context\n\nIt is grey.\n"


def test_a_nygard_record(one):
    row = one(NYGARD)
    assert (row.key, row.title, row.state, row.outcome) == ("7", "Paint the fence", "decided", "Accepted")
    assert row.date == datetime(2024, 3, 9, tzinfo=UTC)
    assert row.reason == "We will paint it blue, see the shades and the shop."
    assert row.text.startswith("## Context\n\nIt is grey.\n\n## Decision")
    assert "Accepted" not in row.text
    assert "2024" not in row.text


def test_a_madr_record(one):
    row = one(MADR)
    assert (row.title, row.state, row.outcome) == ("Paint the fence", "decided", "Accepted")
    assert row.date == datetime(2024, 3, 9, tzinfo=UTC)
    assert row.people == ("Ann Lee, security", "Bo")
    assert row.reason == 'Chosen option: "blue", because people asked.'
    assert row.text.startswith("## Context and Problem Statement")


def test_an_old_madr_record_with_a_list_on_top(one):
    row = one(
        "# Fence\n\n* Status: rejected\n* Deciders: Ann, Bo\n* Date: 09/03/2024\n\n## Context\n\nGrey.\n"
    )
    assert (row.state, row.outcome, row.people) == ("decided", "Rejected", ("Ann", "Bo"))
    assert row.date == datetime(2024, 3, 9, tzinfo=UTC)
    assert row.text == "## Context\n\nGrey."


@pytest.mark.parametrize(
    ("status", "state", "outcome"),
    [
        ("Accepted", "decided", "Accepted"),
        ("done", "decided", "Done"),
        ("❌ Rejected (see [19](019-x.md))", "decided", "Rejected"),
        ("**Accepted** on Monday", "decided", "Accepted"),
        (":white_check_mark: Accepted", "decided", "Accepted"),
        ("<!-- proposed | accepted -->\nAccepted", "decided", "Accepted"),
        ("🤔 Proposed", "exploring", ""),
        ("Draft", "exploring", ""),
        ("Incomplete", "exploring", ""),
        ("Pending", "exploring", ""),
        ("in progress", "exploring", ""),
        ("In-Progress", "exploring", ""),
        ("none", "exploring", ""),
        ("", "exploring", ""),
        ("Superseded by 8", "parked", ""),
        ("Superceded by 8", "parked", ""),
        ("~~Accepted~~ Superseded by 8", "parked", ""),
        ("Deprecated", "parked", ""),
        ("Deferred", "parked", ""),
        ("on hold", "parked", ""),
    ],
)
def test_each_known_status(adr, status, state, outcome):
    reading = adr(**{"007-fence": nygard(status)})
    assert [(row.state, row.outcome) for row in reading.rows] == [(state, outcome)]
    assert reading.unknown_statuses == ()


@pytest.mark.parametrize(
    "status", ["Implemented", "not accepted", "acceptedly", "{done | draft}", "Done/Draft"]
)
def test_an_unknown_status_is_exploring_and_reported(adr, status):
    reading = adr(**{"007-fence": nygard(status)})
    assert reading.rows[0].state == "exploring"
    assert [problem.where for problem in reading.unknown_statuses] == ["007-fence.md"]
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("⌛️ Superseded by [008. Paint it red](008-red.md)", "Superseded by 008. Paint it red"),
        ("superseded by ADR-0008", "Superseded by ADR-0008"),
        ("Superseded by [008][red]", "Superseded by 008"),
        ("On hold\n\nuntil the shop opens", "On hold\nUntil the shop opens"),
    ],
)
def test_why_a_record_is_parked_reads_as_plain_words(one, status, reason):
    assert one(nygard(status)).reason == reason


def test_madr_superseded_by_a_quoted_link(one):
    row = one('---\nstatus: "superseded by [ADR-0123](0123-example.md)"\n---\n# Fence\n')
    assert (row.state, row.reason) == ("parked", "Superseded by ADR-0123")


def test_what_stands_after_the_word_comes_before_the_decision(one):
    row = one(nygard("Rejected (see [019](019-x.md))") + "## Decision\n\nPaint it.\n")
    assert row.reason == "See 019\n\nPaint it."


def test_what_stands_after_the_word_is_kept_while_exploring(one):
    row = one(nygard("Proposed (waits for Ann)"))
    assert row.reason == ""
    assert row.text.startswith("Status: Proposed (waits for Ann)\n\n## Context")


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        (
            "## Decision\n\nWe will:\n\n* paint\n  it\n\n* dry it\n\nThen rest.\n",
            "We will:\n* paint it\n* dry it",
        ),
        ("## Decision\n\nUse:\n\n```\n10.0.0.0/8\n172.16.0.0/12\n```\n", "Use:\n10.0.0.0/8\n172.16.0.0/12"),
        ("## The existing decision\n\nPaint.\n", "Paint."),
        ("## Factors in the decision\n\nPaint.\n", ""),
        ("## What’s proposed\n\nPaint.\n", "Paint."),
        ("## Decision\n\n### How\n\nPaint.\n", "Paint."),
        ("## Consequences\n\nBlue.\n", ""),
    ],
)
def test_the_reason_is_the_beginning_of_the_decision(one, section, reason):
    assert one(nygard("Accepted") + section).reason == reason


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("# 37. Serverless (AWS λ)", "Serverless (AWS λ)"),
        ("# 000 Foo", "Foo"),
        ("# 30 Foo", "Foo"),
        ("# ADR-001: Foo", "Foo"),
        ("# ADR 1 Foo", "Foo"),
        ("# [ADR-3] Foo", "Foo"),
        ("# 5 – Foo ##", "Foo"),
        ("# 2.0 is out", "2.0 is out"),
        ("# Use [Foo](https://foo.example) *now*", "Use Foo now"),
        ("```\n# a comment\n```\n# Foo", "Foo"),
        ("# 12", "12"),
        ("Foo, but no heading", "paint the fence"),
        ("# ", "paint the fence"),
    ],
)
def test_titles_lose_their_number(one, heading, title):
    assert one(f"{heading}\n\n## Status\n\nDone\n", "007-paint_the-fence").title == title


def test_a_number_that_belongs_to_the_title_stays(one):
    assert one("# 12 factor apps\n", "005-12-factor-apps").title == "12 factor apps"


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Date: 2022-09-22", (2022, 9, 22)),
        ("Date: 2022/09/22", (2022, 9, 22)),
        ("Date: 22/09/2022", (2022, 9, 22)),
        ("Date 22/09/2022", (2022, 9, 22)),
        ("**Date:** 22.9.2022", (2022, 9, 22)),
        ("Date: 10/04/18", (2018, 4, 10)),
        ("date: 2022-09-22 (changed later)", (2022, 9, 22)),
        ("Date: 2022-09-22T23:30:00-08:00", (2022, 9, 23)),
    ],
)
def test_dates(one, line, day):
    date = one(f"# Fence\n\n{line}\n\n## Status\n\nDone\n").date
    assert (date.year, date.month, date.day) == day
    assert date.utcoffset().total_seconds() == 0


@pytest.mark.parametrize("date", ["soon", "31/02/2022", "2022-13-01", "0001-01-01T00:00:00+14:00"])
def test_an_unreadable_date_is_a_note(adr, date):
    reading = adr(**{"007-fence": f"# Fence\n\nDate: {date}\n"})
    assert reading.rows[0].date is None
    assert date.split()[0] in reading.notes[0].what
    assert reading.problems == ()


def test_the_number_is_the_key_whatever_the_name(adr):
    reading = adr(
        **{"012-one": NYGARD, "ADR-0013_Two": NYGARD, "no-number": NYGARD, "2022-09-22-Day": NYGARD}
    )
    assert {row.key for row in reading.rows} == {"12", "13", "no-number", "2022-09-22-day"}


def test_shared_numbers_fall_back_to_the_name_then_the_path(adr):
    reading = adr(**{"012-one": NYGARD, "a/12-two": NYGARD, "b/1-x": NYGARD, "c/1-x": NYGARD})
    assert [row.key for row in reading.rows] == ["012-one", "12-two", "b/1-x", "c/1-x"]
    assert reading.rows[1].where == "a/12-two.md"


def test_a_path_too_long_to_be_a_key_is_a_problem(adr):
    deep = "/".join(["x" * 100] * 3)
    reading = adr(**{f"a/{deep}/1-x": NYGARD, f"b/{deep}/1-x": NYGARD})
    assert [problem.what for problem in reading.problems] == ["The path is longer than 255 characters."] * 2


def test_files_about_the_records_are_no_records(adr):
    names = ["README", "readme.de", "Index", "template", "adr-template", "adr-template-bare", "x-template"]
    reading = adr(**dict.fromkeys([*names, "0000-template"], NYGARD))
    assert reading.rows == ()
    assert reading.skipped == {"readme": 2, "index": 1, "template": 5}


def test_a_numbered_record_about_templates_is_a_record(adr):
    reading = adr(**{"012-email-template": NYGARD, "013-template-engine": NYGARD})
    assert [row.key for row in reading.rows] == ["12", "13"]


def test_neither_number_nor_status_is_not_a_record(adr):
    reading = adr(**{"notes": "# Notes\n", "2fa-login": "# Ideas\n", "idea": nygard("Proposed")})
    assert [row.key for row in reading.rows] == ["idea"]
    assert reading.skipped == {"not a record": 2}


def test_a_number_without_status_is_exploring_and_not_reported(adr):
    reading = adr(**{"028-scan": "# 28 Scan\n\nDate: 2021-11-05\n\nSee elsewhere.\n"})
    assert (reading.rows[0].state, reading.rows[0].text) == ("exploring", "See elsewhere.")
    assert reading.unknown_statuses == ()


def test_links_are_not_followed(adr, tmp_path_factory, tmp_path):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "001-secret.md").write_text(NYGARD)
    (tmp_path / "008-link.md").symlink_to(outside / "001-secret.md")
    (tmp_path / "folder").symlink_to(outside)
    reading = adr(**{"008-fence": NYGARD})
    assert [row.key for row in reading.rows] == ["8"]
    assert reading.skipped == {"link": 1}


def test_hidden_folders_and_other_files_are_not_looked_at(adr, tmp_path):
    (tmp_path / "001-shade.txt").write_text(NYGARD)
    assert adr(**{".git/001-x": NYGARD, "002-FENCE": NYGARD}).read == 1


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"# Fence\n\n\xff\n", "Line 3 is not UTF-8."),
        (b"# Fence\n\0\n", "Line 2 contains a NUL character."),
        (b"x" * (RECORD_MAX_BYTES + 1), "The file is larger than 2 MB."),
    ],
    ids=["bytes", "nul", "size"],
)
def test_a_bad_file_is_a_problem_and_the_others_are_read(adr, content, what):
    reading = adr(**{"001-bad": content, "002-good": NYGARD})
    assert [(problem.where, problem.what) for problem in reading.problems] == [("001-bad.md", what)]
    assert [row.key for row in reading.rows] == ["2"]
    assert reading.read == 2


def test_a_pipe_and_a_folder_named_like_a_record(adr, tmp_path):
    os.mkfifo(tmp_path / "001-pipe.md")
    (tmp_path / "002-folder.md").mkdir()
    reading = adr(**{"003-fence": NYGARD})
    assert [problem.where for problem in reading.problems] == ["001-pipe.md"]
    assert [row.key for row in reading.rows] == ["3"]


def test_a_file_name_that_is_no_utf8(adr, tmp_path):
    with open(os.fsencode(tmp_path) + b"/fence-\xff.md", "w") as file:
        file.write(NYGARD)
    problem = adr().problems[0]
    assert (problem.where, problem.what) == ("fence-\\udcff.md", "The file name is not UTF-8.")


def test_byte_order_mark_and_windows_line_ends(one):
    row = one(b"\xef\xbb\xbf" + NYGARD.replace("\n", "\r\n").encode())
    assert (row.title, row.outcome) == ("Paint the fence", "Accepted")
    assert "\r" not in row.text


def test_long_fields_are_cut_visibly_and_counted(adr):
    reading = adr(**{"007-x": f"# {'word ' * 100}\n\n{'word ' * 10_000}\n\n## Status\n\nDone\n"})
    row = reading.rows[0]
    assert row.title.endswith("word…")
    assert len(row.title) <= TITLE_MAX
    assert row.text.endswith("word…")
    assert len(row.text) <= TEXT_MAX
    assert reading.shortened == {"title": 1, "text": 1}


def test_a_ruler_on_top_is_no_front_matter(one):
    assert one("---\n\n# Fence\n\nstatus: done\n").title == "Fence"


@pytest.mark.parametrize(
    ("yaml", "people"),
    [
        ("decision-makers: [Ann, 'B, o', \"C\"]", ("Ann", "B, o", "C")),
        ("decision-makers: [Ann,\n  Bo]", ("Ann", "Bo")),
        ("decision-makers:\n- Ann\n- Bo # new", ("Ann", "Bo")),
        ("decision-makers: Ann, Bo, Ann", ("Ann", "Bo")),
        ("deciders: Ann", ("Ann",)),
        ("decision-makers: >\n  Ann,\n  Bo", ("Ann", "Bo")),
        ("decision-makers: null", ()),
        ("decision-makers: 'It''s Ann'", ("It's Ann",)),
        ('decision-makers: "A\\"B"', ('A"B',)),
        ("decision-makers: [", ()),
        ("nonsense\n: x\n  y\ndecision-makers: Ann", ("Ann",)),
    ],
)
def test_front_matter(one, yaml, people):
    assert one(f"---\n{yaml}\n---\n# Fence\n").people == people
