"""Who looks at which project, and the summary they see: what every panel starts from."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from sessions_app import clock
from sessions_app.insights.wording import since_sentence
from sessions_app.models import Membership, Project, User
from sessions_app.panels.days import since_label
from sessions_app.panels.namesakes import namesakes


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
    # The project's version at the end of the last session: what is newer is news.
    last_end_version: int | None
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
    def sentence(self) -> str:
        """What happened since, in one sentence."""
        if self.last_session_end is None:
            return ""
        decided = self.split.away + self.split.this_session
        since = since_label(self.last_session_end)
        return since_sentence(since, decided, self.decided_by_agents, self.reopened, self.questions)


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

    @property
    def version(self) -> str:
        """The version a page shows: the project's and the membership's."""
        return f"{self.summary.version}.{self.summary.member_version}"

    @property
    def project_id(self) -> UUID:
        return self.project.id

    @functools.cached_property
    def namesakes(self) -> dict[UUID, str]:
        """Whom a name alone does not tell; asked for once, by the panels that show names."""
        return namesakes(self.project_id)


def viewing(
    me: User, membership: Membership, summary: dict[str, Any], *, epoch: str, here: dict[str, Any]
) -> Viewing:
    """Bind a member to what the database told about them."""
    split = summary["itemsDecidedSplit"]
    ended = summary["lastSessionEnd"]
    return Viewing(
        me=me,
        membership=membership,
        project=membership.project,
        now=clock.now(),
        epoch=epoch,
        here=here,
        summary=Summary(
            is_first=ended is None,
            last_session=summary["lastSession"],
            last_session_end=parse_datetime(ended) if ended else None,
            last_end_version=summary["lastSessionEndVersion"],
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
