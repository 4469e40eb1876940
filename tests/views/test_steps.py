"""One's own marks on suggested steps: done, snoozed, undone. Viewers have them too."""

from __future__ import annotations

import uuid

import pytest

from sessions_app.models import StepMark, User
from tests.doing import counter, every, nothing_changes, the
from tests.views.conftest import World, both_doors, browse, drawn_anew


def suggested(world: World, who: User) -> list[str]:
    """The ids of the steps on this person's page, in order."""
    return [step.id for step in browse(who).get(world.path("project")).context["steps"]]


@drawn_anew
@both_doors
@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("step_done", {}, "Marked as done."),
        ("step_snooze", {"until": "day"}, "Snoozed."),
        ("step_snooze", {"until": "week"}, "Snoozed."),
        ("step_snooze", {"until": "change"}, "Snoozed."),
    ],
)
def test_a_step_is_put_aside_and_taken_back(
    world: World, door: str, name: str, body: dict[str, str], said: str
) -> None:
    """By a viewer as well, for themselves alone, and without a change to the project."""
    step, vera = f"question:{world.question().id}", world.cast.vera
    assert suggested(world, vera) == [step, f"project:{world.cast.project.id}"]
    before = counter(world.cast)
    assert said in world.act(vera, name, {"step_id": step, **body}, door=door)
    assert step not in suggested(world, vera)
    assert step in suggested(world, world.cast.ann)
    assert (the(StepMark, world.cast).until is None) is (body.get("until", "change") == "change")
    assert "It is back." in world.act(vera, "step_undo", {"step_id": step}, door=door)
    assert step in suggested(world, vera)
    assert counter(world.cast).version == before.version


def test_what_is_no_step_is_refused(world: World) -> None:
    step = f"question:{world.question().id}"
    vera = world.cast.vera
    for unknown in ("", "x", f"question:{uuid.uuid4()}", "question:" + "9" * 500):
        page = world.refuse(vera, "step_done", {"step_id": unknown}, status=404)
        assert "It is not" in page or "not suggested any more" in page
    page = world.refuse(vera, "step_snooze", {"step_id": step, "until": "forever"}, status=422)
    assert "Until must be one of day, week, change." in page
    assert every(StepMark, world.cast) == []


def test_taking_back_what_was_not_put_aside_changes_nothing(world: World) -> None:
    vera = world.cast.vera
    browse(vera).get(world.path("project"))
    with nothing_changes():
        for step in ("", "x", "question:" + "9" * 500):
            assert browse(vera).post(world.path("step_undo"), {"step_id": step}).status_code == 302


def test_marking_twice_is_once(world: World) -> None:
    step = f"question:{world.question().id}"
    for _ in range(2):
        world.act(world.cast.vera, "step_done", {"step_id": step})
    assert the(StepMark, world.cast).kind == "done"


def test_ones_marks_work_in_an_archived_project(world: World) -> None:
    """They are one's own, and change nothing of the project."""
    step = f"question:{world.question().id}"
    world.act(world.cast.ann, "project_archive")
    world.act(world.cast.vera, "step_done", {"step_id": step})
    world.act(world.cast.vera, "step_undo", {"step_id": step})
