"""Decisions that others made, and one's own acceptance of them."""

from __future__ import annotations

from pydantic import Field

from sessions_app.api.door import OWN, ApiRequest, May, Place, operation
from sessions_app.api.paging import NOT_A_CURSOR
from sessions_app.api.reading import Body, Id, Page
from sessions_app.api.showing import Done, List
from sessions_app.api.shown import ItemShown, item_shown
from sessions_app.models import Item
from sessions_app.models.projects import Role
from sessions_app.panels import decided
from sessions_app.services import analytics, looks
from sessions_app.services.bearers import PersonCaller
from sessions_app.services.errors import Invalid

router = Place("/projects/{project_id}/decisions", "Coming back")
ACCEPTANCE = "/{item_id}/acceptance"
MAY = May(Role.VIEWER, is_activity=True)


class UnseenDecision(ItemShown):
    """An item that is decided; send `decidedVersion` with an acceptance."""

    decided_version: int


class Acceptance(Body):
    # Of which decision: an item that was decided again is another one.
    decided_version: int = Field(ge=0, le=2**63 - 1)


@operation(router, "GET", "/unseen", gives={200: List[UnseenDecision]}, may=OWN)
def unseen_list(request: ApiRequest, project_id: Id, query: Page) -> List[UnseenDecision]:
    """What others decided since one last looked, and one neither accepted nor contested; newest first."""
    assert isinstance(request.caller, PersonCaller)
    user_id = request.caller.user.id
    base = analytics.get_summary(user_id, project_id)["decisionsUnseenBase"]
    rows = Item.objects.unseen_decisions(user_id, project_id, base)
    try:
        given, cursor = decided.page(rows, query.cursor, query.limit)
    except ValueError as bad:
        raise Invalid("cursor", NOT_A_CURSOR) from bad
    return List(data=[_shown(item) for item in given], next=cursor or None)


@operation(router, "POST", ACCEPTANCE, gives={200: Done}, may=MAY, example={"decidedVersion": 412})
def decision_accept(request: ApiRequest, project_id: Id, item_id: Id, body: Acceptance) -> Done:
    """Accept a decision, for oneself. 409 when the item was decided again meanwhile."""
    assert isinstance(request.caller, PersonCaller)
    looks.accept_decision(request.caller.user.id, project_id, item_id, body.decided_version)
    return Done(message="Accepted.")


@operation(router, "DELETE", ACCEPTANCE, gives={200: Done}, may=MAY)
def decision_accept_undo(request: ApiRequest, project_id: Id, item_id: Id) -> Done:
    """Take one's acceptance back; taking back none is fine."""
    assert isinstance(request.caller, PersonCaller)
    looks.take_back(request.caller.user.id, project_id, item_id)
    return Done(message="It is back.")


def _shown(item: Item) -> UnseenDecision:
    assert item.decided_version is not None
    return UnseenDecision(**dict(item_shown(item)), decided_version=item.decided_version)
