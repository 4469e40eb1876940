"""Blockers: what is stuck, on whom or what it waits, and how the others ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.dateparse import parse_datetime

from sessions_app.models import Blocker, BlockerItem, Item, Membership, User
from sessions_app.models.blockers import BlockerSource
from sessions_app.models.items import State
from sessions_app.models.questions import QuestionStatus
from sessions_app.panels.paging import id_after, id_before, newest_page, oldest_page, place
from sessions_app.panels.viewing import Viewing

NAME = "blockers"
TEMPLATE = "panels/_blockers.html"
FOLLOWS = ("blocker.", "item.", "question.")
MOST_SHOWN = 6
MOST_ITEMS_NAMED = 3
OPEN_A_PAGE, ENDED_A_PAGE = 50, 50
# Whoever raises one chooses among so many items, which have pages of their own, and among so many people;
# others are named by their mail address.
MOST_CHOICES = 50


@dataclass(frozen=True)
class ItemNamed:
    id: UUID
    title: str


@dataclass(frozen=True)
class PersonNamed:
    id: UUID
    name: str


@dataclass(frozen=True)
class Waits:
    """On whom or what a blocker waits.

    `on`: "you"; "person" (with `name`); "nobody", where whoever was named left; "item" (with `item`); "day"
    (with `until`); "answer" to its question; or "" for nothing in particular, and for a dependency, whose
    text is what it waits for.
    """

    on: str = ""
    name: str = ""
    item: ItemNamed | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True)
class BlockerShown:
    id: UUID
    text: str
    type: str
    source: str
    agent_type: str
    # The person who raised it, by name, and whether that is whoever looks.
    raised_by: str
    raised_by_you: bool
    since: dt.datetime | None
    blocked_count: int
    items: tuple[ItemNamed, ...]
    item_id: UUID | None
    question_id: UUID | None
    waits: Waits


@dataclass(frozen=True)
class BlockerEnded:
    """One that is over: `status` says how, `by` whose act it was ("" for nobody's), `how` by what."""

    id: UUID
    text: str
    type: str
    status: str
    by: str
    how: str
    at: dt.datetime | None


def key(view: Viewing) -> Hashable:
    """The blockers themselves; and for whom one waits, or who raised it, is "you" there."""
    told = view.told("activeBlockers")
    me = str(view.me.id)
    return told, me if me in told else "", view.members, view.summary.blockers, view.summary.is_first


def context(view: Viewing) -> dict[str, Any]:
    """`blockers` that are open, one's own and the most blocking first, and `blockers_total`."""
    return {
        "blockers": _stored(view)[:MOST_SHOWN],
        "blockers_total": view.summary.blockers,
    }


def waiting_for_you(view: Viewing) -> list[BlockerShown]:
    """The open blockers that wait for whoever looks; they come first among those of the summary."""
    return [row for row in _stored(view) if row.waits.on == "you"]


def open_page(view: Viewing, after: str) -> dict[str, Any]:
    """`blockers` that are open, oldest first, a page of them, and `next`, the cursor of the following one.

    Raises ValueError for a cursor that is none.
    """
    rows, following = oldest_page(_open(view.project_id), "created_at", after, OPEN_A_PAGE)
    return {"blockers": _from_rows(view, rows), "next": following}


def place_of_open(project_id: UUID, blocker_id: UUID) -> str:
    """The cursor of the page that begins with this blocker, or "" where it is not open."""
    row = Blocker.objects.open().filter(project_id=project_id, id=blocker_id).first()
    return place(row.created_at, id_before(row.id)) if row else ""


def stopping(view: Viewing, item_id: UUID) -> list[BlockerShown]:
    """The open blockers that stop one item, the first of them; what it waits for by itself is told apart."""
    said = _open(view.project_id).exclude(source=BlockerSource.DEPENDENCY)
    found = said.filter(blocked_items__item_id=item_id).order_by("created_at", "id")
    return _from_rows(view, list(found[:OPEN_A_PAGE]))


def place_of_ended(project_id: UUID, blocker_id: UUID) -> str:
    """The cursor of the page of `ended` that begins with this blocker, or "" where it is not over."""
    row = Blocker.objects.ended().filter(project_id=project_id, id=blocker_id).first()
    return place(row.ended_at, id_after(row.id)) if row and row.ended_at else ""


def ended(view: Viewing, older: str) -> dict[str, Any]:
    """`ended`: those that are over, last first, and `older`: the next page's cursor. Raises ValueError."""
    found = Blocker.objects.ended().filter(project_id=view.project_id).select_related("ended_by")
    rows, next_older = newest_page(found, "ended_at", older, ENDED_A_PAGE)
    return {"ended": [_ended(row) for row in rows], "older": next_older}


def choices(view: Viewing) -> dict[str, Any]:
    """What one chooses from to raise a blocker: `people`, and `choosable` items, last changed first.

    Of many people oneself and those who may write come first; `has_more_people` says that there are others.
    """
    found = Membership.objects.likely_first(view.me.id).filter(project_id=view.project_id)
    members = list(found.select_related("user")[: MOST_CHOICES + 1])
    people = [
        PersonNamed(member.user.id, named_apart(view, member.user.id, str(member.user)))
        for member in members[:MOST_CHOICES]
    ]
    exploring = Item.objects.in_state(State.EXPLORING).filter(project_id=view.project_id)
    return {
        "people": sorted(people, key=lambda person: person.name.casefold()),
        "has_more_people": len(members) > MOST_CHOICES,
        "choosable": list(exploring.order_by("-changed_at", "id")[:MOST_CHOICES]),
    }


def named_apart(view: Viewing, user_id: UUID, name: str) -> str:
    """A member's name, with what tells those apart who share it."""
    mark = view.namesakes.get(user_id)
    return f"{name} ({mark})" if mark else name


def _open(project_id: UUID) -> QuerySet[Blocker]:
    return (
        Blocker.objects.open()
        .filter(project_id=project_id)
        .prefetch_related(
            Prefetch(
                "blocked_items",
                BlockerItem.objects.filter(item__state=State.EXPLORING).select_related("item"),
            )
        )
        .select_related("question", "item", "raised_by", "waits_for")
    )


def _from_rows(view: Viewing, rows: list[Blocker]) -> list[BlockerShown]:
    named = {row.waits_for_id for row in rows if row.waits_for_id}
    members = Membership.objects.filter(project_id=view.project_id, user_id__in=named)
    member_ids = set(members.values_list("user_id", flat=True)) if named else set()
    return [_from_row(view, row, member_ids) for row in rows]


def _from_row(view: Viewing, row: Blocker, member_ids: set[UUID]) -> BlockerShown:
    stopped = [ItemNamed(link.item.id, link.item.title) for link in row.blocked_items.all()]
    question_id = row.question.id if row.question and row.question.status == QuestionStatus.OPEN else None
    return BlockerShown(
        id=row.id,
        text=row.text,
        type=row.type,
        source=row.source,
        agent_type=row.agent_type,
        raised_by=named_apart(view, row.raised_by.id, str(row.raised_by)) if row.raised_by else "",
        raised_by_you=row.raised_by_id == view.me.id,
        since=row.created_at,
        blocked_count=len(stopped),
        items=tuple(stopped[:MOST_ITEMS_NAMED]),
        item_id=row.item_id,
        question_id=question_id,
        waits=_waits(
            view,
            source=row.source,
            has_question=question_id is not None,
            person=_person(row.waits_for, member_ids),
            item=ItemNamed(row.item.id, row.item.title) if row.item else None,
            until=row.waits_until,
        ),
    )


def _person(user: User | None, member_ids: set[UUID]) -> dict[str, Any] | None:
    """As the summary names somebody."""
    return {"id": str(user.id), "name": str(user), "is_member": user.id in member_ids} if user else None


def _stored(view: Viewing) -> list[BlockerShown]:
    return [_shown(view, row) for row in view.summary.raw["activeBlockers"]]


def _shown(view: Viewing, row: dict[str, Any]) -> BlockerShown:
    raised_by, waits_on = row["raised_by"], row["waits_on"]
    return BlockerShown(
        id=UUID(row["id"]),
        text=row["text"],
        type=row["type"],
        source=row["source"],
        agent_type=row["agent_type"],
        raised_by=named_apart(view, UUID(raised_by["id"]), raised_by["name"]) if raised_by else "",
        raised_by_you=raised_by is not None and raised_by["id"] == str(view.me.id),
        since=parse_datetime(row["since"]),
        blocked_count=row["blocked_count"],
        items=tuple(ItemNamed(UUID(item["id"]), item["title"]) for item in row["items"]),
        item_id=UUID(row["item_id"]) if row["item_id"] else None,
        question_id=UUID(row["question_id"]) if row["question_id"] else None,
        waits=_waits(
            view,
            source=row["source"],
            has_question=row["question_id"] is not None,
            person=row["waits_for"],
            item=ItemNamed(UUID(waits_on["id"]), waits_on["title"]) if waits_on else None,
            until=parse_datetime(row["waits_until"]) if row["waits_until"] else None,
        ),
    )


def _waits(
    view: Viewing,
    *,
    source: str,
    has_question: bool,
    person: dict[str, Any] | None,
    item: ItemNamed | None,
    until: dt.datetime | None,
) -> Waits:
    if source == BlockerSource.DEPENDENCY:
        return Waits()
    if has_question:
        return Waits("answer")
    if person is not None:
        if not person["is_member"]:
            return Waits("nobody")
        if person["id"] == str(view.me.id):
            return Waits("you", name=person["name"])
        return Waits("person", name=named_apart(view, UUID(person["id"]), person["name"]))
    if item is not None:
        return Waits("item", item=item)
    return Waits("day", until=until) if until else Waits()


def _ended(row: Blocker) -> BlockerEnded:
    return BlockerEnded(
        id=row.id,
        text=row.text,
        type=row.type,
        status=row.status,
        by=str(row.ended_by) if row.ended_by else "",
        how=row.ended_how,
        at=row.ended_at,
    )
