"""Rows of the roll-ups, as services/rollups.py would leave them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import uuid4

from sessions_app.db.rls import acting_as_system
from sessions_app.models import (
    DecisionLife,
    Project,
    ProjectCounter,
    RollupFill,
    SessionRollup,
    User,
    WorkRollup,
)

QUARTER = dt.timedelta(minutes=15)


def quarter(moment: dt.datetime) -> dt.datetime:
    """The quarter of an hour a moment lies in."""
    return moment - (moment - moment.replace(minute=0, second=0, microsecond=0)) % QUARTER


def visited(
    project: Project,
    who: User,
    began: dt.datetime,
    *,
    span: int = 1_200,
    active: int = 600,
    gap: Sequence[int] = (),
    lag: Sequence[int] = (30,),
    decided: int = 0,
) -> None:
    """One session that began then."""
    with acting_as_system([project.id]):
        SessionRollup.objects.create(
            project=project,
            user=who,
            bucket=quarter(began),
            sessions=1,
            span_seconds=[span],
            active_seconds=[active],
            gap_seconds=list(gap),
            lag_seconds=list(lag),
            items_decided=[decided],
        )


def worked(
    project: Project,
    when: dt.datetime,
    kind: str,
    *,
    by: str = "user",
    times: int = 1,
    waits: Sequence[int] = (),
) -> None:
    """Something was done so many times then."""
    with acting_as_system([project.id]):
        WorkRollup.objects.create(
            project=project,
            bucket=quarter(when),
            kind=kind,
            actor_kind=by,
            times=times,
            wait_seconds=list(waits),
        )


def decided(project: Project, began: dt.datetime, ended: dt.datetime | None = None, end: str = "") -> None:
    """A decision's life."""
    with acting_as_system([project.id]):
        DecisionLife.objects.create(
            project=project,
            item_id=uuid4(),
            began_version=1,
            began_at=began,
            actor_kind="user",
            ended_at=ended,
            end=end,
        )


def filled(project: Project, at: dt.datetime) -> None:
    """Everything that happened until then is counted."""
    with acting_as_system([project.id]):
        version = ProjectCounter.objects.get(project=project).version
        RollupFill.objects.update_or_create(project=project, defaults={"filled_at": at, "version": version})
