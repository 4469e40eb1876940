"""`manage.py rollup_metrics`: fill now, build anew, check."""

from __future__ import annotations

from uuid import UUID

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as_system
from sessions_app.models import WorkRollup
from sessions_app.services import rollups
from sessions_app.services.rollups import Filled
from tests.conftest import Cast
from tests.doing import add, failing_in_lighthouse
from tests.management.running import manage
from tests.services.reckoning import kept, reckoned

ROLLUP = "rollup_metrics"


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Lighthouse, made and given two items by now."""
    add(cast, "Hall", "Tent")
    return cast


def test_it_fills_what_is_due_and_says_how_much(busy: Cast) -> None:
    filled = {"projects": 2, "sessions": 0, "activities": 4, "lives": 0, "errors": []}
    would = manage(ROLLUP, "--dry-run", "--json")
    assert (would.code, would.document) == (0, {"dry_run": True, **filled})
    assert kept(busy.project.id)[1] == {}
    assert manage(ROLLUP, "--json").document == {"dry_run": False, **filled}
    assert kept(busy.project.id) == reckoned(busy.project.id)
    assert manage(ROLLUP).out == (
        "0 projects filled: 0 sessions measured, 0 activities counted, 0 decisions followed.\n"
    )


def test_one_project_is_named_by_id_or_title(busy: Cast) -> None:
    assert manage(ROLLUP, "--project", "Lighthouse", "--json").document["projects"] == 1
    assert rollups.projects_due(clock.now()) == [busy.other.id]
    assert manage(ROLLUP, "--project", str(busy.other.id), "--json").document["projects"] == 1
    assert rollups.projects_due(clock.now()) == []


def test_check_names_what_differs_and_fails_and_a_rebuild_puts_it_right(busy: Cast) -> None:
    manage(ROLLUP)
    assert manage(ROLLUP, "--check").out == "2 projects compared: all is as their records give it.\n"
    spoil(busy)
    spoiled = kept(busy.project.id)
    checked = manage(ROLLUP, "--check", "--json")
    assert (checked.code, checked.error) == (
        *(1, "1 rows differ: `manage.py rollup_metrics --rebuild` puts them right."),
    )
    [difference] = checked.document["differences"]
    assert (difference["project"], difference["place"]) == (str(busy.project.id), "work_rollups")
    assert manage(ROLLUP, "--check").out.endswith(" item.added user: times 9 instead of 2\n")
    assert manage(ROLLUP, "--rebuild", "--dry-run", "--json").document["activities"] == 4
    assert kept(busy.project.id) == spoiled
    assert manage(ROLLUP, "--rebuild", "--project", "Lighthouse").code == 0
    assert manage(ROLLUP, "--check").code == 0


def spoil(cast: Cast) -> None:
    with acting_as_system([cast.project.id]):
        WorkRollup.objects.filter(kind="item.added").update(times=9)


def test_an_interrupt_leaves_a_note_of_what_was_done(
    busy: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "sessions_app.audit")
    roll_up = rollups.roll_up
    calls: list[UUID] = []

    def interrupted(project_id: UUID) -> Filled:
        calls.append(project_id)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return roll_up(project_id)

    monkeypatch.setattr(rollups, "roll_up", interrupted)
    assert manage(ROLLUP).code == 1
    assert "projects=1" in caplog.text
    assert rollups.projects_due(clock.now()) == [calls[1]]


def test_trouble_in_one_project_is_told_and_holds_up_no_other(busy: Cast, monkeypatch) -> None:
    monkeypatch.setattr(rollups, "roll_up", failing_in_lighthouse(busy, rollups.roll_up))
    ran = manage(ROLLUP, "--json")
    told = f"broken (in the roll-up of project {busy.project.id})"
    assert (ran.code, ran.document["projects"], ran.document["errors"]) == (1, 1, [told])
    assert ran.error == f"the roll-up failed in 1 projects:\n{told}"
    assert rollups.projects_due(clock.now()) == [busy.project.id]


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        (["--project", "Nowhere"], 1, "There is no project Nowhere."),
        (["--project", "\x00"], 1, "project"),
        (["--rebuild", "--check"], 2, "not allowed with"),
        (["--since", "1d"], 2, "unrecognized"),
    ],
)
def test_what_it_refuses(busy: Cast, typed: list[str], code: int, told: str) -> None:
    ran = manage(ROLLUP, *typed)
    assert (ran.code, told in ran.error) == (code, True), ran
    assert kept(busy.project.id) == ({}, {}, {})
