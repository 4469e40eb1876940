"""The ledger: what happened, in the past tense. The one door through which a project changes.

    with ledger.change(project_id, actor) as change:
        item.decided_version = change.version
        …
        change.record(Kind.ITEM_DECIDED, item_id=item.id, before="exploring", after="decided")

Opening a change takes the project's lock; asking for its version raises it (once per transaction,
whatever asks), or opening it does, where it is certain that something happens; leaving it writes the ledger
rows. After the commit everyone who registered is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from django.db import connection, transaction

from sessions_app import clock
from sessions_app.db.commits import after_commit
from sessions_app.models import Activity, User


class Kind(StrEnum):
    """Every kind of activity; what each row's `data` holds is listed in docs/ledger.md."""

    PROJECT_CREATED = "project.created"
    PROJECT_RENAMED = "project.renamed"
    PROJECT_ARCHIVED = "project.archived"
    PROJECT_RESTORED = "project.restored"
    PROJECT_IDLE_SET = "project.idle_set"
    MEMBER_JOINED = "member.joined"
    MEMBER_ROLE_CHANGED = "member.role_changed"
    MEMBER_LEFT = "member.left"
    MEMBER_REMOVED = "member.removed"
    ITEM_ADDED = "item.added"
    ITEM_EDITED = "item.edited"
    ITEM_DECIDED = "item.decided"
    ITEM_PARKED = "item.parked"
    ITEM_EXPLORED = "item.explored"
    ITEM_WOKE = "item.woke"
    ITEM_CONTESTED = "item.contested"
    ITEM_CONFIRMED = "item.confirmed"
    ITEM_REVIEW_DUE = "item.review_due"
    ITEM_STANDS_STILL = "item.stands_still"
    ITEM_KEPT = "item.kept"
    ITEM_DELETED = "item.deleted"
    ITEM_WAITS = "item.waits"
    ITEM_WAITS_NO_MORE = "item.waits_no_more"
    MESSAGE_POSTED = "message.posted"
    MESSAGE_EDITED = "message.edited"
    MESSAGE_DELETED = "message.deleted"
    QUESTION_ASKED = "question.asked"
    QUESTION_ANSWERED = "question.answered"
    QUESTION_DISMISSED = "question.dismissed"
    QUESTION_EXPIRED = "question.expired"
    BLOCKER_RAISED = "blocker.raised"
    BLOCKER_CHANGED = "blocker.changed"
    BLOCKER_CLEARED = "blocker.cleared"
    BLOCKER_DISMISSED = "blocker.dismissed"
    HAND_OFF_LEFT = "hand_off.left"


@dataclass(frozen=True)
class Actor:
    """Who acts: a person, an agent (known by its type), or the system itself."""

    kind: str
    user_id: UUID | None = None
    agent_type: str = ""
    name: str = ""

    @classmethod
    def person(cls, user: User) -> Actor:
        return cls("user", user_id=user.id, name=str(user))

    @classmethod
    def agent(cls, agent_type: str) -> Actor:
        return cls("agent", agent_type=agent_type, name=agent_type)

    @classmethod
    def system(cls) -> Actor:
        return cls("system")


@dataclass
class Change:
    """One transaction's change of one project; see `change`."""

    project_id: UUID
    actor: Actor
    now: dt.datetime
    rows: list[Activity] = field(default_factory=list)

    @cached_property
    def version(self) -> int:
        """The version this transaction raises the project to."""
        with connection.cursor() as cursor:
            cursor.execute("select raise_version(%s)", [self.project_id])
            return int(cursor.fetchone()[0])

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part that may fail alone: what it recorded, and its raising of the version, go with it."""
        recorded, raised = len(self.rows), "version" in self.__dict__
        try:
            with transaction.atomic():
                yield
        except BaseException:
            del self.rows[recorded:]
            if not raised:
                self.__dict__.pop("version", None)
            raise

    def record(
        self,
        kind: Kind,
        *,
        actor: Actor | None = None,
        item_id: UUID | None = None,
        question_id: UUID | None = None,
        blocker_id: UUID | None = None,
        message_id: UUID | None = None,
        **data: object,
    ) -> None:
        """Note that `kind` happened, by the change's actor unless another is named."""
        who = actor or self.actor
        self.rows.append(
            Activity(
                project_id=self.project_id,
                version=self.version,
                kind=kind,
                actor_kind=who.kind,
                actor_id=who.user_id,
                actor_agent=who.agent_type,
                item_id=item_id,
                question_id=question_id,
                blocker_id=blocker_id,
                message_id=message_id,
                data=data,
                created_at=self.now,
            )
        )


@dataclass(frozen=True)
class Committed:
    """What listeners are told after a commit: pages of this project may have something to show."""

    project_id: UUID
    # Where the project stands; None: what changed is one member's own, or the project is gone.
    version: int | None = None


@dataclass(frozen=True)
class Waiting:
    """What listeners are told when the intake took something in: this project has work to digest."""

    project_id: UUID
    # Whether pages show it at once: who reported is here.
    is_shown: bool = True


@dataclass(frozen=True)
class Said:
    """What listeners are told when a person said something that the in-house agents should hear."""

    project_id: UUID


@dataclass(frozen=True)
class Outgoing:
    """What listeners are told when something waits to be delivered to a project's webhooks."""

    project_id: UUID


Told = Committed | Waiting | Said | Outgoing

_listeners: list[Callable[[Told], None]] = []


def on_commit(listener: Callable[[Told], None]) -> None:
    """Register who is told of every commit that matters to a project (reactions.py does, at start-up)."""
    _listeners.append(listener)


def announce_waiting(project_id: UUID, *, is_shown: bool = True) -> None:
    """Tell the listeners, after the commit, that something waits for the digester."""
    announce(Waiting(project_id, is_shown))


def announce_personal(project_id: UUID) -> None:
    """Tell the listeners, after the commit, that one member's own panel changed (marks, sessions)."""
    announce(Committed(project_id))


def announce(told: Told) -> None:
    """Tell the listeners, after the commit; a rollback leaves it unsaid."""
    after_commit(tell, told)


@contextmanager
def change(project_id: UUID, actor: Actor, *, is_certain: bool = False) -> Iterator[Change]:
    """Change one project in one transaction.

    Yields the Change to record in. Nothing recorded means nothing changed: the version stays.
    `is_certain`: something will be recorded, and nothing refused, so that lock and version are one statement
    and there is no savepoint to go back to: after any error inside, the caller's transaction is over too.
    Raises ProgrammingError with sqlstate 42501 inside when the project is not there for whoever acts, and
    RuntimeError where nothing was recorded that was certain: a version without a fact is a fault of ours.
    """
    with transaction.atomic(savepoint=not is_certain):
        with connection.cursor() as cursor:
            # Without the lock two verbs could read the same state, and commit in another order than
            # that of their versions. To raise the version takes it as well.
            take = "select raise_version(%s)" if is_certain else "select lock_project(%s)"
            cursor.execute(take, [project_id])
            current = Change(project_id, actor, clock.now())
            if is_certain:
                (current.version,) = cursor.fetchone()
        yield current
        if is_certain and not current.rows:
            raise RuntimeError("nothing was recorded in a change that was certain")
        if current.rows:
            Activity.objects.bulk_create(current.rows)
            announce(Committed(project_id, current.version))


def tell(told: Told) -> None:
    """Tell the listeners of something that is committed."""
    for listener in _listeners:
        listener(told)
