"""`manage.py import_project`: a folder of records or a work log, whole or not at all."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from sessions_app.db.rls import acting_as, acting_as_admin
from sessions_app.models import Item, ItemDependency, Membership, Project
from sessions_app.services import items, projects
from tests import factories
from tests.conftest import Cast
from tests.doing import NOT_TEXT, every, ledger, nothing_changes

KEYS = {
    "dry_run",
    "project",
    "read",
    "added",
    "decided",
    "parked",
    "reopened",
    "edited",
    "removed",
    "unchanged",
    "dependencies",
    "skipped",
    "skipped_by_kind",
    "dependencies_dropped",
    "unknown_statuses",
    "shortened",
    "errors",
}
BEADS = [
    {"id": "a-1", "title": "Lamp", "status": "open", "issue_type": "task", "updated_at": "2026-03-02"},
    {"id": "a-2", "title": "Tower", "status": "closed", "close_reason": "Built", "issue_type": "feature"},
    {
        "id": "a-3",
        "title": "Horn",
        "status": "open",
        "dependencies": [{"issue_id": "a-3", "depends_on_id": "a-1", "type": "blocks"}],
    },
    {"id": "a-4", "title": "Said", "status": "open", "issue_type": "message"},
]


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """A folder with a record in each state, and a file that is none."""
    folder = tmp_path / "adr"
    folder.mkdir()
    record(folder, 1, "Lamp", "Proposed")
    record(folder, 2, "Tower", "Accepted", decision="We build it high.")
    record(folder, 3, "Horn", "Deferred")
    (folder / "README.md").write_text("# About these records\n")
    return folder


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A work log with three items and a message."""
    path = tmp_path / "work.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in BEADS))
    return path


def test_a_folder_of_records_becomes_a_project(cast: Cast, records: Path) -> None:
    report = run(records)
    assert set(report) == KEYS
    assert counts(report) == {"read": 4, "added": 3, "decided": 1, "parked": 1, "skipped": 1}
    assert report["skipped_by_kind"] == {"readme": 1}
    with acting_as(cast.ann.id):
        project = Project.objects.get(id=report["project"])
        assert project.title == "Imported"
        assert Membership.objects.get(project=project).role == "owner"
        states = dict(Item.objects.filter(project=project).values_list("title", "state"))
        assert states == {"Lamp": "exploring", "Tower": "decided", "Horn": "parked"}
        tower = Item.objects.get(project=project, title="Tower")
        assert (tower.reason, tower.outcome) == ("We build it high.", "Accepted")
        assert set(project.activities.values_list("version", flat=True)) == {1}


def test_a_work_log_becomes_a_project(cast: Cast, log: Path) -> None:
    report = run(log)
    assert counts(report) == {"read": 4, "added": 3, "decided": 1, "dependencies": 1, "skipped": 1}
    with acting_as(cast.ann.id):
        edge = ItemDependency.objects.select_related("waiting", "blocking").get()
        assert (edge.waiting.title, edge.blocking.title) == ("Horn", "Lamp")


def test_twice_is_once(cast: Cast, records: Path, log: Path) -> None:
    for path in (records, log):
        first = run(path)
        with nothing_changes():
            second = run(path)
        assert second["project"] == first["project"]
        assert counts(second).keys() <= {"read", "unchanged", "dependencies", "skipped"}
        assert second["unchanged"] == 3


def test_a_changed_source_is_told_as_its_differences(cast: Cast, records: Path) -> None:
    run(records)
    record(records, 1, "Lamp", "Accepted")
    record(records, 2, "High tower", "Accepted", decision="We build it high.")
    (records / "0003-horn.md").unlink()
    record(records, 4, "Bell", "Proposed")
    assert counts(run(records)) == {
        "read": 4,
        "added": 1,
        "decided": 1,
        "edited": 1,
        "removed": 1,
        "skipped": 1,
    }


def test_it_goes_into_the_project_of_that_title(cast: Cast, log: Path) -> None:
    with acting_as(cast.ann.id):
        items.add_item(cast.project.id, cast.actor("ann"), title="By hand")
    report = run(log, project="Lighthouse")
    assert report["project"] == str(cast.project.id)
    assert {item.title for item in every(Item, cast)} == {"By hand", "Lamp", "Tower", "Horn"}
    assert {row.actor_kind for row in ledger(cast)[-3:]} == {"system"}


def test_anothers_project_of_the_same_title_is_left_alone(cast: Cast, log: Path) -> None:
    """Also one that the owner is only an editor of."""
    for owner in (cast.zoe, cast.bob):
        report = run(log, project="Lighthouse", owner=owner.email)
        assert report["project"] != str(cast.project.id)
    assert every(Item, cast) == []


def test_two_projects_of_the_same_title_are_a_question(cast: Cast, log: Path) -> None:
    factories.project(cast.ann, "Lighthouse")
    with nothing_changes(), pytest.raises(CommandError, match="2 projects called “Lighthouse”"):
        run(log, project="Lighthouse")


def test_an_unknown_owner_imports_nothing(cast: Cast, log: Path) -> None:
    with nothing_changes(), pytest.raises(CommandError, match=r"nobody@example\.org"):
        run(log, owner="nobody@example.org")


def test_an_owner_is_known_in_any_case(cast: Cast, log: Path) -> None:
    run(log, project="Lighthouse", owner="ANN@Example.ORG")
    assert len(every(Item, cast)) == 3


def test_one_bad_line_and_nothing_is_imported(cast: Cast, log: Path) -> None:
    """Not even the project is made; the report says which line, the exit code says that it failed."""
    log.write_text(log.read_text() + '{"id": "a-5"\n')
    said = StringIO()
    with nothing_changes(), pytest.raises(CommandError, match="1 cannot be read") as failed:
        call_command("import_project", log, project="New", owner=cast.ann.email, json=True, stdout=said)
    assert failed.value.returncode == 1
    report = json.loads(said.getvalue())
    assert (report["project"], report["added"]) == (None, 0)
    assert [error["where"] for error in report["errors"]] == ["work.jsonl:5"]


def test_bad_lines_are_left_out_when_one_says_so(cast: Cast, log: Path) -> None:
    """And what they may have been is not removed: nobody knows what stood there."""
    run(log)
    lines = log.read_text().splitlines()
    lines[1] = '{"id": "a-2"'
    log.write_text("\n".join(lines))
    report = run(log, skip_bad=True)
    assert counts(report) == {"read": 4, "unchanged": 2, "dependencies": 1, "skipped": 1}
    assert len(report["errors"]) == 1
    with acting_as_admin():
        assert Item.objects.filter(title="Tower").exists()


def test_an_emptied_source_removes_nothing(cast: Cast, log: Path) -> None:
    run(log)
    log.write_text("")
    with nothing_changes(), pytest.raises(CommandError, match="holds no records"):
        run(log)


@pytest.mark.parametrize("name", ["nowhere", "work.txt"])
def test_a_path_that_is_nothing_to_import(cast: Cast, tmp_path: Path, name: str) -> None:
    (tmp_path / "work.txt").write_text("text")
    with nothing_changes(), pytest.raises(CommandError, match="Expected a folder"):
        run(tmp_path / name)


def test_a_bad_title_makes_no_project(cast: Cast, log: Path) -> None:
    for title in ("", "x" * 301, *NOT_TEXT):
        with nothing_changes(), pytest.raises(CommandError, match=r"^project: "):
            run(log, project=title)
    for owner in NOT_TEXT:
        with nothing_changes(), pytest.raises(CommandError, match=r"^owner: "):
            run(log, owner=owner)


def test_a_title_is_the_same_however_its_spaces_are_typed(cast: Cast, log: Path) -> None:
    """A project is made with single spaces: the second run must find what the first one made."""
    first = run(log, project="  Two   words ")
    with nothing_changes():
        assert run(log, project="  Two   words ")["project"] == first["project"]


def test_an_archived_project_is_still_the_one_of_its_title(cast: Cast, log: Path) -> None:
    with acting_as(cast.ann.id):
        projects.archive_project(cast.project.id, cast.actor("ann"))
    assert run(log, project="Lighthouse")["project"] == str(cast.project.id)


def test_in_words_it_says_the_same(cast: Cast, log: Path) -> None:
    said = StringIO()
    call_command("import_project", log, project="New", owner=cast.ann.email, stdout=said, no_color=True)
    assert said.getvalue().splitlines()[-2:] == [
        "4 read: 3 added, 1 decided, 1 dependencies.",
        "  skipped: 1 message",
    ]


def test_a_dry_run_says_what_would_come_and_imports_nothing(cast: Cast, log: Path) -> None:
    with nothing_changes():
        would = run(log, dry_run=True)
    assert (would["dry_run"], would["project"]) == (True, None)
    done = run(log)
    assert counts(would) == counts(done) | {"dry_run": True}
    with nothing_changes():
        assert run(log, dry_run=True)["project"] == done["project"]


def run(path: Path, *, project: str = "Imported", owner: str = "ann@example.org", **more) -> dict[str, Any]:
    """The report of one run."""
    said = StringIO()
    call_command("import_project", path, project=project, owner=owner, json=True, stdout=said, **more)
    return json.loads(said.getvalue())


def counts(report: dict[str, Any]) -> dict[str, int]:
    """The numbers of a report that are not zero."""
    return {key: value for key, value in report.items() if isinstance(value, int) and value}


def record(folder: Path, number: int, title: str, status: str, *, decision: str = "") -> None:
    name = f"{number:04}-{'-'.join(title.lower().split()[-1:])}.md"
    text = f"# {number}. {title}\n\nDate: 2026-03-02\n\n## Status\n\n{status}\n"
    (folder / name).write_text(text + (f"\n## Decision\n\n{decision}\n" if decision else ""))
