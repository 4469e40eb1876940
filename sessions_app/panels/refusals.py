"""What the intake took and refused lately in a project, as its owners are told."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from sessions_app import clock
from sessions_app.metrics.intake import REASONS
from sessions_app.models import AgentActivity, IntakeRefusal, TrackedActivity

DAYS = 7


@dataclass(frozen=True)
class Taken:
    """One kind of what is sent: how much of it was taken, and how often which reason refused the rest."""

    # "report", or "input" of people.
    noun: str
    taken: int
    refused: tuple[tuple[int, str], ...]

    @property
    def refusals(self) -> int:
        """How many were refused in all."""
        return sum(times for times, _words in self.refused)


def of_project(project_id: UUID) -> list[Taken]:
    """What agents reported within DAYS, if they did, and what people sent, if any of it was refused."""
    since = clock.now() - dt.timedelta(days=DAYS)
    refused: dict[str, Counter[str]] = {"reported": Counter(), "tracked": Counter()}
    # Hours are kept whole: the one in which the seven days begin counts.
    rows = IntakeRefusal.objects.filter(project_id=project_id, hour__gt=since - dt.timedelta(hours=1))
    for row in rows:
        refused[row.door][row.reason] += row.times
    sent = (("report", "reported", AgentActivity), ("input", "tracked", TrackedActivity))
    kinds = [
        Taken(
            noun,
            model.objects.filter(project_id=project_id, received_at__gt=since).count(),
            tuple((times, REASONS.get(reason, reason)) for reason, times in refused[kind].most_common()),
        )
        for noun, kind, model in sent
    ]
    return [kind for kind in kinds if kind.refusals or (kind.taken and kind.noun == "report")]
