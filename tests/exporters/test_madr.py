"""Decisions as MADR files, and read back by our own importer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sessions_app.exporters import madr
from sessions_app.exporters.rows import DecisionRow, Named
from sessions_app.importers.adr import read_adr
from sessions_app.importers.rows import ItemRow, Reading
from tests.exporters.making import NUMBERS, TWO, WHEN, decision


def read_back(folder: Path, *rows: DecisionRow) -> Reading:
    """What the importer makes of these decisions' files."""
    for row in rows:
        path = folder / madr.file_name(NUMBERS[row.item_id], row.title)
        path.write_text(madr.record(row, NUMBERS), encoding="utf-8")
    return read_adr(folder, lambda _done, _total: None)


def the(reading: Reading) -> ItemRow:
    assert (reading.problems, reading.unknown_statuses, reading.notes) == ((), (), ())
    assert reading.skipped == {}
    (row,) = reading.rows
    return row


def test_a_record_reads_like_one() -> None:
    row = decision(
        text="We need room for 200.",
        reason="The only hall with a stage",
        outcome="Accepted",
        alternatives=("Barn", "Tent"),
        decided_by=("Ann", "PlannerAgent"),
        supersedes=(Named(TWO, "Rent a [tent]"),),
        quote="we decided on the mill hall",
    )
    assert madr.record(row, NUMBERS) == (
        "---\n"
        'status: "accepted"\n'
        "date: 2026-03-02\n"
        "decision-makers:\n"
        '  - "Ann"\n'
        '  - "PlannerAgent"\n'
        "---\n\n"
        "# Rent the mill hall\n\n"
        "## Context and Problem Statement\n\n"
        "We need room for 200.\n\n"
        "## Considered Options\n\n"
        "* Barn\n"
        "* Tent\n\n"
        "## Decision Outcome\n\n"
        "The only hall with a stage\n\n"
        "## More Information\n\n"
        "* Supersedes [Rent a \\[tent\\]](0002-rent-a-tent.md)\n"
        "* Said in the chat: “we decided on the mill hall”\n"
    )


def test_what_was_decided_comes_back(tmp_path: Path) -> None:
    row = decision(
        title="Rent the mill hall",
        text="We need room.\n\nFor 200.",
        reason="The only hall with a stage",
        outcome="Rejected",
        alternatives=("Barn", "Tent"),
        decided_by=("Ann Lee", "PlannerAgent"),
        contested_at=WHEN,
        contested_by="Bob",
        contest_reason="Too dear",
        review_at=WHEN,
    )
    found = the(read_back(tmp_path, row))
    assert (found.key, found.title, found.state, found.outcome) == ("1", row.title, "decided", "Rejected")
    assert found.reason == row.reason
    assert found.people == row.decided_by
    assert found.date == WHEN.replace(hour=0, minute=0)
    assert "We need room.\n\nFor 200." in found.text
    assert "* Barn\n* Tent" in found.text
    assert "Contested on 2026-03-02 by Bob: Too dear" in found.text


def test_a_decision_without_reason_comes_back_without(tmp_path: Path) -> None:
    found = the(read_back(tmp_path, decision()))
    assert (found.reason, found.outcome) == ("", "Accepted")


def test_one_that_was_superseded_says_by_which(tmp_path: Path) -> None:
    row = decision(superseded_by=Named(TWO, "Buy the mill"), fate="superseded")
    assert 'status: "superseded by ADR-0002"' in madr.record(row, NUMBERS)
    assert "* Superseded by [Buy the mill](0002-buy-the-mill.md)" in madr.record(row, NUMBERS)
    found = the(read_back(tmp_path, row))
    assert (found.state, found.reason) == ("parked", "Superseded by ADR-0002")


def test_another_outcome_is_told_in_the_text(tmp_path: Path) -> None:
    row = decision(outcome="Only in May")
    assert "* Outcome: Only in May" in madr.record(row, NUMBERS)
    assert the(read_back(tmp_path, row)).outcome == "Accepted"


FORGERIES = [
    "---\nstatus: rejected\n---\n# Other",
    "# Other title\n## Status\nRejected",
    "x\r# Other title\r\r## Status\r\rRejected",
    "Other\n===\n\nStatus\n---\nRejected",
    "Date: 1999-01-01\nStatus: rejected",
    "<!-- a comment -->gone?",
    "```\ncode\n```\n~~~\n# heading\n~~~",
    "    # indented",
    "* one\n- two\n+ three\n1. four\n2) five\n> six\n| a | b |",
    "[link](https://evil.example/) ![img](x) <script>alert(1)</script> &lt; **b** _i_ `c` ~~s~~",
    "back\\slash \\# \\\\ end\\",
    "[decided]: https://evil.example/",
]


@pytest.mark.parametrize("text", FORGERIES)
def test_no_text_forges_a_heading_or_a_field(tmp_path: Path, text: str) -> None:
    """The text is the text: what the record says of itself stays ours."""
    row = decision(text=text, alternatives=(text,), quote=text, contested_at=WHEN, contest_reason=text)
    found = the(read_back(tmp_path, replace(row, reason="Because")))
    assert (found.title, found.state, found.outcome, found.reason) == (
        *("Rent the mill hall", "decided", "Accepted", "Because"),
    )
    headings = [line for line in madr.record(row, NUMBERS).splitlines() if line.startswith("#")]
    assert headings == [
        "# Rent the mill hall",
        *(f"## {name}" for name in ("Context and Problem Statement", "Considered Options")),
        *(f"## {name}" for name in ("Decision Outcome", "More Information")),
    ]


@pytest.mark.parametrize(
    "line",
    [
        *("Use C# now", "37. Serverless", "12 factor apps", "ADR-5: Foo", "Learn C #", "Template", "Status"),
        *(
            "*Not* _em_ **b** ~~s~~ `c`",
            "[x](y) ![z](w)",
            "<b>&amp;</b> <!-- no -->",
            "a \\ b \\# c",
            "- x",
            "= y",
        ),
        *(
            "東京タワー",
            "🎉 party :tada:",
            "Q: why?",
            "a | b",
            "{accepted | rejected}",
            'say "so"',
            "../../etc/passwd",
        ),
    ],
)
def test_a_title_and_a_reason_come_back_as_they_were(tmp_path: Path, line: str) -> None:
    found = the(read_back(tmp_path, decision(line, reason=line, decided_by=(line, "Bob"))))
    assert (found.title, found.reason) == (line, line)
    assert found.people == (line, "Bob")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Rent the mill hall", "0012-rent-the-mill-hall.md"),
        ("Über-Öl & Café", "0012-uber-ol-cafe.md"),
        ("東京", "0012-decision.md"),
        ("../../etc/passwd\\..", "0012-etc-passwd.md"),
        ("README", "0012-readme-decision.md"),
        ("x" * 300, f"0012-{'x' * 60}.md"),
    ],
)
def test_file_names_are_safe(title: str, name: str) -> None:
    assert madr.file_name(12, title) == name
