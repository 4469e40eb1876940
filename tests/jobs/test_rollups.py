"""The roll-ups of every project, each minute; trouble in one holds up no other."""

from __future__ import annotations

from uuid import UUID

import pytest

from sessions_app import clock
from sessions_app.jobs.rollups import fill_rollups
from sessions_app.jobs.timetable import TIMETABLE
from sessions_app.services import rollups
from sessions_app.services.rollups import Filled
from tests.conftest import Cast


def test_it_runs_every_minute() -> None:
    assert [when for when, job in TIMETABLE if job is fill_rollups] == ["* * * * *"]


def test_every_project_is_filled_though_one_fails(cast: Cast, monkeypatch) -> None:
    roll_up = rollups.roll_up

    def fails_in_lighthouse(project_id: UUID) -> Filled:
        if project_id == cast.project.id:
            raise RuntimeError("broken")
        return roll_up(project_id)

    monkeypatch.setattr(rollups, "roll_up", fails_in_lighthouse)
    with pytest.raises(ExceptionGroup) as failed:
        fill_rollups(0)
    (error,) = failed.value.exceptions
    assert (str(error), error.__notes__) == ("broken", [f"in the roll-up of project {cast.project.id}"])
    assert rollups.projects_due(clock.now()) == [cast.project.id]
    monkeypatch.undo()
    fill_rollups(0)
    assert rollups.projects_due(clock.now()) == []
