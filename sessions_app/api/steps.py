"""One's own marks on suggested steps."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sessions_app.api.door import ApiRequest, May, Place, operation
from sessions_app.api.reading import Body, Id
from sessions_app.api.showing import Done
from sessions_app.models.projects import Role
from sessions_app.services import steps
from sessions_app.services.bearers import PersonCaller

router = Place("/projects/{project_id}/steps", "Steps")
MAY = May(Role.VIEWER, is_activity=True)
_STEP = {"stepId": "question:7f0c3c3e-52f6-4a8e-8f2c-0a7f7a1f3b52"}


class StepNamed(Body):
    # `id` of a suggested step.
    step_id: str = Field(min_length=1, max_length=60)


class Snooze(StepNamed):
    # For a day, for a week, or until its subject changes.
    until: Literal["day", "week", "change"]


@operation(router, "POST", "/done", gives={200: Done}, may=MAY, example=_STEP)
def step_done(request: ApiRequest, project_id: Id, body: StepNamed) -> Done:
    """Mark a suggested step as done, for oneself."""
    assert isinstance(request.caller, PersonCaller)
    steps.mark_done(request.caller.user.id, project_id, body.step_id)
    return Done(message="Marked as done.")


@operation(router, "POST", "/snooze", gives={200: Done}, may=MAY, example=_STEP | {"until": "day"})
def step_snooze(request: ApiRequest, project_id: Id, body: Snooze) -> Done:
    """Put a suggested step aside for a while, for oneself."""
    assert isinstance(request.caller, PersonCaller)
    steps.snooze(request.caller.user.id, project_id, body.step_id, body.until)
    return Done(message="Snoozed.")


@operation(router, "POST", "/undo", gives={200: Done}, may=MAY, example=_STEP)
def step_undo(request: ApiRequest, project_id: Id, body: StepNamed) -> Done:
    """Take one's mark back; taking back none is fine."""
    assert isinstance(request.caller, PersonCaller)
    steps.undo(request.caller.user.id, project_id, body.step_id)
    return Done(message="It is back.")
