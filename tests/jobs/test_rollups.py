"""The roll-ups of every project, each minute; trouble in one holds up no other."""

from __future__ import annotations

import pytest

from sessions_app import clock
from sessions_app.jobs.rollups import fill_rollups
from sessions_app.jobs.timetable import TIMETABLE
from sessions_app.services import rollups
from tests.conftest import Cast
from tests.doing import failing_in_lighthouse


def test_it_runs_every_minute() -> None:
    assert [when for when, job in TIMETABLE if job is fill_rollups] == ["* * * * *"]


def test_every_project_is_filled_though_one_fails(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(rollups, "roll_up", failing_in_lighthouse(cast, rollups.roll_up))
    with pytest.raises(ExceptionGroup) as failed:
        fill_rollups(0)
    (error,) = failed.value.exceptions
    assert (str(error), error.__notes__) == ("broken", [f"in the roll-up of project {cast.project.id}"])
    assert rollups.projects_due(clock.now()) == [cast.project.id]
    monkeypatch.undo()
    fill_rollups(0)
    assert rollups.projects_due(clock.now()) == []
