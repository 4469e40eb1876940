"""The report on a project's period: what it tells, in which forms, and what it refuses."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from sessions_app import clock
from sessions_app.management import named
from sessions_app.models import Project
from sessions_app.services import imports, items, projects, questions, rollups
from tests.conftest import Cast
from tests.doing import DAY, add, as_system, by_agent, do
from tests.rollup_rows import filled, visited, worked
from tests.services.test_imports import TOWER

NOW = dt.datetime(2026, 11, 26, 14, 5, tzinfo=dt.UTC)
NASTY = "=Hall <script>alert(1)</script> | **one**"


@pytest.fixture(autouse=True)
def _a_thursday() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def story(cast: Cast) -> Cast:
    """Something decided within and before the last seven days, something reopened, something open."""
    with clock.at(NOW - 20 * DAY):
        long_ago, tent, mill = add(cast, "Long ago", "Tent", NASTY)
        do(cast, "ann", items.decide_item, long_ago.id, reason="Before all this")
        do(cast, "ann", items.decide_item, tent.id, reason="It is dry")
    with clock.at(NOW - 2 * DAY):
        do(cast, "bob", items.decide_item, mill.id, reason="It has a stage", outcome="rented")
        do(cast, "bob", items.explore_item, tent.id, reason="It leaks")
        by_agent(cast, "PlannerAgent", items.decide_item, add(cast, "By an agent")[0].id)
        as_system(cast, questions.ask_question, "PlannerAgent", text="Who holds the keys?")
    visited(cast.project, cast.bob, NOW - DAY, span=600)
    worked(cast.project, NOW - DAY, "item.decided", times=2)
    filled(cast.project, NOW)
    return cast


def report(*arguments: str) -> str:
    out = io.StringIO()
    call_command("report", "--days", "7", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_it_tells_what_was_decided_why_and_by_whom(story: Cast) -> None:
    text = report("--project", "Lighthouse")
    assert text.startswith("# Lighthouse\n\n20 Nov 2026 to 26 Nov 2026.")
    assert "Rented. It has a stage (Bob, 24 Nov 2026)" in text
    assert "- **By an agent** (PlannerAgent, 24 Nov 2026)" in text
    assert "- **Tent**: It leaks (Bob, 24 Nov 2026)" in text
    assert "- **Who holds the keys?** (PlannerAgent, 24 Nov 2026)" in text
    assert "Nothing is stuck." in text
    assert "Long ago" not in text
    assert "| Session length | 10 min | 10 min | 10 min | 1 | – |" in text
    assert "\\<script\\>" in text
    assert "**one**" not in text


def test_as_json_by_id(story: Cast) -> None:
    told = json.loads(report("--project", str(story.project.id), "--json"))
    assert (told["project"], told["first"], told["last"]) == ("Lighthouse", "2026-11-20", "2026-11-26")
    parts = {part["name"]: part["entries"] for part in told["parts"]}
    assert [entry["what"] for entry in parts["decided"]] == ["By an agent", NASTY]
    assert parts["reopened"][0]["why"] == "It leaks"
    (length, *_others) = told["figures"]
    assert (length["n"], length["median"]["value"], length["median_before"]["value"]) == (1, 600, None)


class Texts(HTMLParser):
    """The texts of a document, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_is_one_file_in_which_words_are_words(story: Cast) -> None:
    found = Texts()
    found.feed(report("--project", "Lighthouse", "--format", "html"))
    assert NASTY in found.texts
    assert "script" not in found.tags
    assert found.addresses == []


def test_csv_holds_no_formula(story: Cast) -> None:
    rows = list(csv.DictReader(io.StringIO(report("--project", "Lighthouse", "--format", "csv"), newline="")))
    assert [row["what"] for row in rows if row["part"] == "decided"] == ["By an agent", f"'{NASTY}"]
    assert next(row for row in rows if row["what"] == "Session length")["median"] == "600"


def test_what_is_imported_counts_when_it_came_here(cast: Cast) -> None:
    """As the figures do; what its source says of it stands beside it."""
    tower = replace(TOWER, date=NOW - 300 * DAY, people=("Eve",))
    with clock.at(NOW - DAY):
        as_system(cast, imports.import_rows, "adr", [tower])
    rollups.roll_up(cast.project.id)
    text = report("--project", "Lighthouse")
    assert "- **Tower**: Accepted. It is high (Eve, 25 Nov 2026, by its source 30 Jan 2026)" in text
    assert "- 1 decision\n" in text
    told = json.loads(report("--project", "Lighthouse", "--json"))
    assert told["parts"][0]["entries"][0]["source_at"] == "2026-01-30T14:05:00+00:00"
    out = io.StringIO()
    old = ("--from", "2026-01-30", "--to", "2026-01-30")
    call_command("report", "--project", "Lighthouse", *old, stdout=out)
    assert "Nothing was decided." in out.getvalue()


def test_days_are_those_of_the_zone(story: Cast) -> None:
    with clock.at(dt.datetime(2026, 11, 24, 19, tzinfo=dt.UTC)):
        do(story, "bob", items.decide_item, add(story, "Late")[0].id)
    filled(story.project, NOW)
    one_day = ("--from", "2026-11-25", "--to", "2026-11-25")
    for zone, is_there in (("UTC", False), ("Asia/Kathmandu", True)):
        out = io.StringIO()
        call_command("report", "--project", "Lighthouse", *one_day, "--time-zone", zone, stdout=out)
        assert ("**Late**" in out.getvalue()) == is_there, zone


def test_a_file_is_written_whole_or_not_at_all(story: Cast, tmp_path: Path) -> None:
    file = tmp_path / "week.md"
    assert report("--project", "Lighthouse", "--output", str(file)) == f"Written to {file}.\n"
    told = json.loads(report("--project", "Lighthouse", "--output", str(file), "--format", "csv", "--json"))
    assert told["project"] == "Lighthouse"
    assert file.read_text().startswith("part,what,")
    report("--project", "Lighthouse", "--output", str(file))
    assert file.read_text().startswith("# Lighthouse")
    with pytest.raises(CommandError, match="cannot be written"):
        report("--project", "Lighthouse", "--output", str(tmp_path / "nowhere" / "week.md"))
    (tmp_path / "folder").mkdir()
    with pytest.raises(CommandError, match="cannot be written"):
        report("--project", "Lighthouse", "--output", str(tmp_path / "folder"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "week.md"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--project", "Nowhere"), "There is no project Nowhere"),
        (("--project", "6d1f4c1e-8f0a-4b57-9a53-0d6f0c1f2a10"), "There is no project 6d1f"),
        (("--project", "nul \x00 inside"), "project"),
        (("--project", "Lighthouse", "--from", "2026-11-01"), "--days is given without dates"),
        (("--project", "Lighthouse", "--days", "8"), "--days must be one of"),
        (("--project", "Lighthouse", "--time-zone", "Middle/Earth"), "--time-zone must be a name"),
        (("--project", "Lighthouse", "--time-zone", ""), "--time-zone must be a name"),
    ],
)
def test_what_it_cannot_do_it_says(cast: Cast, arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        report(*arguments)


def test_of_two_with_one_title_the_id_is_wanted(cast: Cast) -> None:
    do(cast, "ann", projects.rename_project, title="Zoe's own")
    with pytest.raises(CommandError, match="Several projects are called"):
        report("--project", "Zoe's own")
    assert report("--project", str(cast.other.id)).startswith("# Zoe's own")


def test_options_that_do_not_fit_together(cast: Cast) -> None:
    with pytest.raises(CommandError, match="--json is printed instead of --format") as refused:
        report("--project", "Lighthouse", "--json", "--format", "csv")
    assert refused.value.returncode == 2


def test_a_database_that_cannot_be_used_is_one_sentence(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_text: str) -> Project:
        raise OperationalError("connection refused")

    monkeypatch.setattr(named, "project", gone)
    with pytest.raises(CommandError, match="The database cannot be used: connection refused") as refused:
        report("--project", "Lighthouse")
    assert refused.value.returncode == 1
