"""Who looks at which project, and the summary they see: what every panel starts from."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary, ref

from django.utils.dateparse import parse_datetime

from sessions_app import clock
from sessions_app.insights.names import Named, marks_apart
from sessions_app.insights.wording import Part, since_parts
from sessions_app.models import Membership, Project, User
from sessions_app.panels.days import since_label
from sessions_app.panels.texts import Reader


@dataclass(frozen=True)
class Split:
    last_session: int
    away: int
    this_session: int


@dataclass(frozen=True)
class Summary:
    """`get_session_summary`, with the names templates use."""

    is_first: bool
    last_session: str
    last_session_end: dt.datetime | None
    # The project's version at the start and at the end of the last session, and at the start of this one.
    last_start_version: int | None
    last_end_version: int | None
    session_start_version: int | None
    # The anchor: up to which version this person said "I'm caught up", and when.
    caught_up_version: int | None
    caught_up_at: dt.datetime | None
    may_undo_catch_up: bool
    # Decisions of others after `unseen_base` that they have neither accepted nor contested.
    unseen_base: int | None
    unseen: int
    decided: int
    decided_by_agents: int
    reopened: int
    split: Split
    exploring: int
    parked: int
    decided_now: int
    total: int
    questions: int
    blockers: int
    version: int
    member_version: int
    raw: dict[str, Any]

    @property
    def nothing_new(self) -> bool:
        """Back again, and nothing moved since."""
        return not self.is_first and self.version == self.last_end_version

    @property
    def is_anchored(self) -> bool:
        """Whether this person ever said that they are caught up."""
        return self.caught_up_version is not None

    @property
    def news_base(self) -> int | None:
        """The project's version that what changed starts from; None: all of it."""
        return self.caught_up_version if self.is_anchored else self.last_end_version

    @property
    def sentence(self) -> str:
        """What happened since, in one sentence."""
        return "".join(part.text for part in self.sentence_parts)

    @property
    def sentence_parts(self) -> tuple[Part, ...]:
        """The sentence with the lists that its numbers count."""
        if self.last_session_end is None:
            return ()
        decided = self.split.away + self.split.this_session
        since = since_label(self.last_session_end)
        return since_parts(since, decided, self.decided_by_agents, self.reopened, self.questions)


class Members:
    """A project's members by the names others know them by; two are equal when nobody is called otherwise."""

    def __init__(self, people: Iterable[Sequence[str]]) -> None:
        """Of each the id, the name and the e-mail."""
        self._people = tuple(sorted(map(tuple, people)))
        # Once for all keys that it is part of: a project may have thousands.
        self._hash = hash(self._people)

    def __repr__(self) -> str:
        return f"Members({self._people!r})"

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Members) and self._hash == other._hash and self._people == other._people
        )

    @functools.cached_property
    def namesakes(self) -> dict[UUID, str]:
        """What is shown beside a name that reads like another member's, so that nobody passes for another."""
        return marks_apart(Named(UUID(user_id), name, email) for user_id, name, email in self._people)


_kept: WeakKeyDictionary[Members, ref[Members]] = WeakKeyDictionary()


def members_of(people: Iterable[Sequence[str]]) -> Members:
    """The members of these names: one for all that is kept of a project, whose thousand names take room."""
    members = Members(people)
    kept = _kept.setdefault(members, ref(members))()
    return members if kept is None else kept


@dataclass(frozen=True)
class Viewing:
    """One member looking at one project, at one moment."""

    me: User
    membership: Membership
    project: Project
    summary: Summary
    now: dt.datetime
    # Which database this is, and who is here (services/analytics.py `Seen`).
    epoch: str
    here: dict[str, Any]
    members: Members
    # What the chat shows (panels/chat.py `newest`), where it was read once for many who look.
    said: Sequence[Any] | None = None

    @property
    def version(self) -> str:
        """The version a page shows: the project's and the membership's."""
        return f"{self.summary.version}.{self.summary.member_version}"

    @property
    def project_id(self) -> UUID:
        return self.project.id

    @property
    def namesakes(self) -> dict[UUID, str]:
        """What is shown beside a member's name that reads like another's."""
        return self.members.namesakes

    def told(self, *names: str) -> str:
        """Parts of the summary, by its own names, as a text to compare."""
        # Computed a moment ago it has another order than read from where it is stored.
        return json.dumps([self.summary.raw[name] for name in names], sort_keys=True)

    def at_version(self, project_version: int) -> Viewing:
        """The same member with the project at another version, and nothing else of it read anew."""
        return dataclasses.replace(
            self, summary=dataclasses.replace(self.summary, version=project_version), now=clock.now()
        )

    @property
    def reader(self) -> Reader:
        """For whose eyes it is drawn."""
        return Reader(self.me.id, self.summary.last_end_version)


def viewing(
    me: User,
    membership: Membership,
    summary: dict[str, Any],
    *,
    epoch: str,
    here: dict[str, Any],
    members: Members,
) -> Viewing:
    """Bind a member to what the database told about them."""
    split = summary["itemsDecidedSplit"]
    ended, caught_up = summary["lastSessionEnd"], summary["caughtUpAt"]
    return Viewing(
        me=me,
        membership=membership,
        project=membership.project,
        now=clock.now(),
        epoch=epoch,
        here=here,
        members=members,
        summary=Summary(
            is_first=ended is None,
            last_session=summary["lastSession"],
            last_session_end=parse_datetime(ended) if ended else None,
            last_start_version=summary["lastSessionStartVersion"],
            last_end_version=summary["lastSessionEndVersion"],
            session_start_version=summary["sessionStartVersion"],
            caught_up_version=summary["caughtUpVersion"],
            caught_up_at=parse_datetime(caught_up) if caught_up else None,
            may_undo_catch_up=summary["caughtUpMayUndo"],
            unseen_base=summary["decisionsUnseenBase"],
            unseen=summary["decisionsUnseen"],
            decided=summary["itemsDecided"],
            decided_by_agents=summary["itemsDecidedByAgents"],
            reopened=summary["itemsReopened"],
            split=Split(split["lastSession"], split["away"], split["thisSession"]),
            exploring=summary["itemsExploring"],
            parked=summary["itemsParked"],
            decided_now=summary["totalDecided"],
            total=summary["totalItems"],
            questions=summary["pendingQuestions"],
            blockers=summary["openBlockers"],
            version=summary["version"],
            member_version=summary["memberVersion"],
            raw=summary,
        ),
    )
