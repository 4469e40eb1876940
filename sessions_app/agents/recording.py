"""One statement of a message becomes one item, or one move of an item that is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from sessions_app import clock
from sessions_app.insights.commands import Slip, Statement
from sessions_app.insights.in_house import RECORDER
from sessions_app.insights.similarity import Words, are_same, words
from sessions_app.ledger import Actor
from sessions_app.models import Item, Membership, Message, User
from sessions_app.models.items import State
from sessions_app.models.projects import Role
from sessions_app.services import items
from sessions_app.services.citations import Citation
from sessions_app.services.errors import Invalid

# What comes back on a day comes back in that morning, as from the form.
MORNING = dt.time(8)
# Further back nobody means the item they name by a few words.
MOST_ITEMS = 5_000


@dataclass(frozen=True)
class Done:
    """What was recorded: "added", "decided", "parked" or "reopened" an item."""

    did: str
    item_id: UUID
    title: str

    def as_details(self) -> dict[str, str]:
        return {"did": self.did, "item": str(self.item_id), "title": self.title}


def may_still_write(message: Message) -> bool:
    """Whether who said it is a member who may change the project; asked under the project's lock."""
    if message.user_id is None:
        return False
    writers = Membership.objects.filter(user__is_active=True, role__in=(Role.OWNER, Role.EDITOR))
    return writers.filter(project_id=message.project_id, user_id=message.user_id).exists()


def record(message: Message, statements: Sequence[Statement]) -> tuple[list[Done], list[Slip]]:
    """Record a message's statements about items, in a change under way.

    Returns what was done, and the commands that were refused. What is so already is done by doing nothing.
    """
    wanted = [each for each in statements if each.verb != "ask"]
    if not wanted:
        return [], []
    known = _Known(message.project_id)
    done: list[Done] = []
    refused: list[Slip] = []
    for statement in wanted:
        try:
            # What is refused half-way leaves nothing behind.
            with transaction.atomic():
                made = _record_one(message, statement, known)
        except Invalid as bad:
            if statement.is_command:
                refused.append(Slip(statement.quote, f"{bad.field.replace('_', ' ')} {bad.rule}"))
            continue
        if made is not None:
            done.append(made)
            known.add(made)
    return done, refused


def action_words(done: Sequence[Done], questions: int) -> str:
    """What was done, in a few words for the list of reports."""
    if len(done) + questions > 1:
        return f"recorded {len(done) + questions} things from the chat"
    return f"{done[0].did} “{done[0].title[:150]}”" if done else "asked what the chat asks"


class _Known:
    """The project's items by their titles, those that moved last first."""

    def __init__(self, project_id: UUID) -> None:
        self.items: dict[UUID, Words] = {}
        rows = Item.objects.filter(project_id=project_id).order_by("-state_version", "-id")
        for item_id, title in rows.values_list("id", "title")[:MOST_ITEMS]:
            self.items[item_id] = words(title)

    def find(self, title: str) -> Item | None:
        wanted = words(title)
        alike = [item_id for item_id, its_words in self.items.items() if are_same(wanted, its_words)]
        exact = [item_id for item_id in alike if self.items[item_id].all == wanted.all]
        found = next(iter([*exact, *alike]), None)
        return None if found is None else Item.objects.get(id=found)

    def add(self, done: Done) -> None:
        self.items[done.item_id] = words(done.title)


def _record_one(message: Message, statement: Statement, known: _Known) -> Done | None:
    actor = _actor(message, statement)
    citation = Citation(statement.quote, message.id, message.created_at, statement.confidence)
    item = known.find(statement.title)
    wake_at = _morning(statement.until, message.user)
    if wake_at is not None and wake_at <= clock.now():
        raise Invalid("until", "must be a day to come.")
    if item is not None and (_is_so(item, statement, wake_at) or _is_overtaken(item, statement, message)):
        return None
    is_new = item is None
    if item is None:
        item = items.add_item(message.project_id, actor, title=statement.title, citation=citation)
    return _move(message.project_id, actor, item, statement, wake_at, citation, is_new=is_new)


def _actor(message: Message, statement: Statement) -> Actor:
    """A command is its author's own act; what is read out of words is the recorder's."""
    assert message.user is not None
    return Actor.person(message.user) if statement.is_command else Actor.agent(RECORDER)


def _is_so(item: Item, statement: Statement, wake_at: dt.datetime | None) -> bool:
    """Whether the item stands as the statement says already: saying it twice records nothing twice."""
    state = {"decide": State.DECIDED, "park": State.PARKED, "explore": State.EXPLORING}[statement.verb]
    if item.state != state:
        return False
    says_more = statement.reason not in ("", item.reason) or wake_at not in (None, item.wake_at)
    # Words may give a reason where there is none; only a command replaces one.
    return not says_more or (not statement.is_command and bool(item.reason))


def _is_overtaken(item: Item, statement: Statement, message: Message) -> bool:
    """Whether somebody moved it since: what a model reads is heard later than what the rules read."""
    return statement.is_guess and item.state_version > message.version


def _move(
    project_id: UUID,
    actor: Actor,
    item: Item,
    statement: Statement,
    wake_at: dt.datetime | None,
    citation: Citation,
    *,
    is_new: bool,
) -> Done:
    did = {"decide": "decided", "park": "parked", "explore": "reopened"}[statement.verb]
    match statement.verb:
        case "decide":
            items.decide_item(project_id, actor, item.id, reason=statement.reason, citation=citation)
        case "park":
            # Said again with a day only, it keeps its reason.
            reason = statement.reason or (item.reason if item.is_parked else "")
            items.park_item(project_id, actor, item.id, reason=reason, wake_at=wake_at, citation=citation)
        case _ if is_new:
            did = "added"
        case _:
            items.explore_item(project_id, actor, item.id, reason=statement.reason, citation=citation)
    return Done(did, item.id, item.title)


def _morning(day: dt.date | None, person: User | None) -> dt.datetime | None:
    if day is None:
        return None
    assert person is not None
    return dt.datetime.combine(day, MORNING, ZoneInfo(person.time_zone))
