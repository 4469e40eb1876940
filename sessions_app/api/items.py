"""Items: the list, one with its history, and all verbs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sessions_app.api import ledger_pages
from sessions_app.api.door import READS, ApiRequest, Place, operation, writes
from sessions_app.api.paging import NOT_A_CURSOR
from sessions_app.api.reading import Body, Id, Moment, Page, Title, optional_text
from sessions_app.api.showing import Data, Done, List
from sessions_app.api.shown import FactShown, ItemShown, ItemWhole, item_shown, item_whole
from sessions_app.models import Activity, Item
from sessions_app.models.bearers import Scope
from sessions_app.models.items import (
    ALTERNATIVE_MAX_CHARACTERS,
    REASON_MAX_CHARACTERS,
    TEXT_MAX_CHARACTERS,
    State,
)
from sessions_app.panels.items import parse_cursor
from sessions_app.services import dependencies, idling, items, reviews, waking
from sessions_app.services.errors import Invalid

router = Place("/projects/{project_id}/items", "Items")
MAY = writes(Scope.ITEMS)
ITEM = "/{item_id}"
Alternative = Annotated[str, StringConstraints(min_length=1, max_length=ALTERNATIVE_MAX_CHARACTERS)]


class ItemNew(Body):
    title: Title
    text: str = optional_text(TEXT_MAX_CHARACTERS)
    # Ids of open blockers whose gap this item fills: they clear.
    fills: list[Id] = Field(default_factory=list, max_length=200)


class ItemEdit(Body):
    """What is left out stays as it is."""

    title: Title | None = None
    text: str | None = Field(None, max_length=TEXT_MAX_CHARACTERS)
    # The item's version you started from.
    version: int = Field(ge=0, le=2**63 - 1)


class Reason(Body):
    reason: str = optional_text(REASON_MAX_CHARACTERS)


class Decision(Reason):
    # How it came out, where the word says more: accepted, rejected, done.
    outcome: str = optional_text(items.OUTCOME_MAX_CHARACTERS)
    # What else was considered.
    alternatives: list[Alternative] = Field(default_factory=list, max_length=items.MOST_ALTERNATIVES)
    # Ids of items whose place it takes: they are parked.
    supersedes: list[Id] = Field(default_factory=list, max_length=items.MOST_SUPERSEDED)
    # When it is to be looked at again.
    review_at: Moment | None = None


class Parking(Reason):
    """What wakes it is one of three, or nothing."""

    # When it comes back by itself.
    wake_at: Moment | None = None
    # The item whose decision wakes it.
    wake_item_id: Id | None = None
    # After how many further visits of whoever parks it (of anybody, where an agent does).
    wake_sessions: int | None = Field(None, ge=1, le=waking.MOST_SESSIONS)


class Contest(Body):
    # Why it should not stand.
    reason: str = Field(min_length=1, max_length=reviews.CONTEST_MAX_CHARACTERS)


class Confirmation(Reason):
    # When it is to be looked at again.
    review_at: Moment | None = None


class Dependency(Body):
    # The item that must be decided first.
    blocking_id: Id


class ItemQuery(Page):
    state: Literal["exploring", "decided", "parked", ""] = Field("", description="only items in this state")


@operation(router, "GET", "", gives={200: List[ItemShown]}, may=READS)
def item_list(request: ApiRequest, project_id: Id, query: ItemQuery) -> List[ItemShown]:
    """The project's items, those whose state changed last first."""
    try:
        after = parse_cursor(query.cursor) if query.cursor else None
    except ValueError as bad:
        raise Invalid("cursor", NOT_A_CURSOR) from bad
    columns = []
    # A short range of each column's own index, whatever the project's size.
    for state in [query.state] if query.state else State.values:
        rows = Item.objects.filter(project_id=project_id).in_state(state).with_names()
        columns += list((rows.before(*after) if after else rows).newest_first()[: query.limit + 1])
    found = sorted(columns, key=lambda item: (item.state_version, item.id), reverse=True)
    given = found[: query.limit]
    last = given[-1] if len(found) > query.limit else None
    return List(
        data=[item_shown(item) for item in given],
        next=f"{last.state_version}:{last.id}" if last else None,
    )


@operation(
    router,
    "POST",
    "",
    gives={201: Data[ItemShown]},
    may=MAY,
    example={"title": "Rent the mill hall", "text": "Seats 200, free on Fridays."},
)
def item_add(request: ApiRequest, project_id: Id, body: ItemNew) -> Data[ItemShown]:
    """Add an idea; it is exploring then."""
    item = items.add_item(project_id, request.actor, title=body.title, text=body.text, fills=body.fills)
    return _shown(item)


@operation(router, "GET", ITEM, gives={200: Data[ItemWhole]}, may=READS)
def item_read(request: ApiRequest, project_id: Id, item_id: Id) -> Data[ItemWhole]:
    """One item, with what it waits for and what waits for it."""
    return Data(data=item_whole(items.get_item(project_id, item_id)))


@operation(
    router,
    "PATCH",
    ITEM,
    gives={200: Data[ItemShown]},
    may=MAY,
    example={"title": "Rent the mill hall for May", "version": 12},
)
def item_edit(request: ApiRequest, project_id: Id, item_id: Id, body: ItemEdit) -> Data[ItemShown]:
    """Change title or text.

    `version` is the item's version you started from; when somebody was faster it is a 409 with `current`.
    """
    present = items.get_item(project_id, item_id)
    item = items.edit_item(
        project_id,
        request.actor,
        item_id,
        title=present.title if body.title is None else body.title,
        text=present.text if body.text is None else body.text,
        version=body.version,
    )
    return _shown(item)


@operation(router, "DELETE", ITEM, gives={200: Done}, may=MAY)
def item_delete(request: ApiRequest, project_id: Id, item_id: Id) -> Done:
    """Delete an item for good; the ledger keeps what it was."""
    items.delete_item(project_id, request.actor, item_id)
    return Done(message="Deleted.")


@operation(
    router,
    "POST",
    f"{ITEM}/decide",
    gives={200: Data[ItemShown]},
    may=MAY,
    example={
        "reason": "The only hall with a stage",
        "outcome": "accepted",
        "alternatives": ["The school's gym"],
        "reviewAt": "2100-03-01T08:00:00Z",
    },
)
def item_decide(request: ApiRequest, project_id: Id, item_id: Id, body: Decision) -> Data[ItemShown]:
    """Decide an item, with why and instead of what; what waited for it no longer does.

    What it `supersedes` is parked; at `reviewAt` it asks to be looked at again.
    """
    item = items.decide_item(
        project_id,
        request.actor,
        item_id,
        reason=body.reason,
        outcome=body.outcome,
        alternatives=body.alternatives,
        supersedes=body.supersedes,
        review_at=body.review_at,
    )
    return _shown(item)


@operation(
    router,
    "POST",
    f"{ITEM}/park",
    gives={200: Data[ItemShown]},
    may=MAY,
    example={"reason": "Until the council has met", "wakeAt": "2027-03-01T08:00:00Z"},
)
def item_park(request: ApiRequest, project_id: Id, item_id: Id, body: Parking) -> Data[ItemShown]:
    """Park an item, with why.

    It comes back by itself (`wokeAt`) at `wakeAt`, or when the item `wakeItemId` is decided, or after
    `wakeSessions` further visits: at most one of them.
    """
    item = items.park_item(
        project_id,
        request.actor,
        item_id,
        reason=body.reason,
        wake_at=body.wake_at,
        wake_item_id=body.wake_item_id,
        wake_sessions=body.wake_sessions,
    )
    return _shown(item)


@operation(
    router,
    "POST",
    f"{ITEM}/explore",
    gives={200: Data[ItemShown]},
    may=MAY,
    example={"reason": "The hall burnt down"},
)
def item_explore(request: ApiRequest, project_id: Id, item_id: Id, body: Reason) -> Data[ItemShown]:
    """Take an item up again (reopen), with why."""
    return _shown(items.explore_item(project_id, request.actor, item_id, reason=body.reason))


@operation(router, "POST", f"{ITEM}/keep", gives={200: Data[ItemShown]}, may=MAY)
def item_keep(request: ApiRequest, project_id: Id, item_id: Id) -> Data[ItemShown]:
    """Say that an item that stands still stays open: it counts as moved now."""
    return _shown(idling.keep_item(project_id, request.actor, item_id))


@operation(
    router,
    "POST",
    f"{ITEM}/contest",
    gives={200: Data[ItemShown]},
    may=writes(),
    example={"reason": "The hall has no stage"},
)
def item_contest(request: ApiRequest, project_id: Id, item_id: Id, body: Contest) -> Data[ItemShown]:
    """Contest a decision: the item stays decided, and everybody is asked whether it stands. People only."""
    return _shown(reviews.contest_item(project_id, request.actor, item_id, reason=body.reason))


@operation(
    router,
    "POST",
    f"{ITEM}/confirm",
    gives={200: Data[ItemShown]},
    may=writes(),
    example={"reason": "We looked at two others", "reviewAt": "2100-03-01T08:00:00Z"},
)
def item_confirm(request: ApiRequest, project_id: Id, item_id: Id, body: Confirmation) -> Data[ItemShown]:
    """Say that a decision stands, though it was contested or its review date has come. People only."""
    return _shown(
        reviews.confirm_item(project_id, request.actor, item_id, reason=body.reason, review_at=body.review_at)
    )


@operation(
    router,
    "POST",
    f"{ITEM}/dependencies",
    gives={201: Data[ItemWhole]},
    may=MAY,
    example={"blockingId": "7f0c3c3e-52f6-4a8e-8f2c-0a7f7a1f3b52"},
)
def dependency_add(request: ApiRequest, project_id: Id, item_id: Id, body: Dependency) -> Data[ItemWhole]:
    """Say that this item waits for another; twice is once."""
    dependencies.add_dependency(project_id, request.actor, waiting_id=item_id, blocking_id=body.blocking_id)
    return Data(data=item_whole(items.get_item(project_id, item_id)))


@operation(router, "DELETE", f"{ITEM}/dependencies/{{blocking_id}}", gives={200: Done}, may=MAY)
def dependency_remove(request: ApiRequest, project_id: Id, item_id: Id, blocking_id: Id) -> Done:
    """Say that this item no longer waits for that one; twice is fine."""
    items.get_item(project_id, item_id)
    dependencies.remove_dependency(project_id, request.actor, waiting_id=item_id, blocking_id=blocking_id)
    return Done(message="It waits no more.")


@operation(router, "GET", f"{ITEM}/history", gives={200: List[FactShown]}, may=READS)
def item_history(request: ApiRequest, project_id: Id, item_id: Id, query: Page) -> List[FactShown]:
    """Everything that ever happened to an item, newest first; also to one that was deleted."""
    rows = Activity.objects.filter(project_id=project_id, item_id=item_id)
    return ledger_pages.newest_first(rows, query)


def _shown(item: Item) -> Data[ItemShown]:
    return Data(data=item_shown(item))
