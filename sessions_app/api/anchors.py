"""One's own anchor: "I'm caught up"."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from sessions_app.api.door import ApiRequest, May, Place, operation
from sessions_app.api.reading import Body, Id
from sessions_app.api.showing import Data, Shown
from sessions_app.models import Membership
from sessions_app.models.projects import Role
from sessions_app.services import anchors
from sessions_app.services.bearers import PersonCaller

router = Place("/projects/{project_id}/caught-up", "Coming back")
MAY = May(Role.VIEWER, is_activity=True)


class CaughtUp(Body):
    # The project's version that was read: the part of a summary's `version` before the dot.
    version: int = Field(ge=0, le=2**63 - 1)


class AnchorShown(Shown):
    """What changed is told from there on; null: from the end of the last session."""

    version: int | None
    at: dt.datetime | None


@operation(router, "POST", "", gives={200: Data[AnchorShown]}, may=MAY, example={"version": 0})
def catch_up(request: ApiRequest, project_id: Id, body: CaughtUp) -> Data[AnchorShown]:
    """Say that one has read all up to a version. It moves only what changed, not the counts."""
    assert isinstance(request.caller, PersonCaller)
    return _shown(anchors.catch_up(request.caller.user.id, project_id, body.version))


@operation(router, "DELETE", "", gives={200: Data[AnchorShown]}, may=MAY)
def catch_up_undo(request: ApiRequest, project_id: Id) -> Data[AnchorShown]:
    """Set the anchor back to where it was before; twice is once."""
    assert isinstance(request.caller, PersonCaller)
    return _shown(anchors.take_back(request.caller.user.id, project_id))


def _shown(membership: Membership) -> Data[AnchorShown]:
    return Data(data=AnchorShown(version=membership.caught_up_version, at=membership.caught_up_at))
