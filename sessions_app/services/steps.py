"""A person's marks on suggested steps: done, snoozed, undone."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction

from sessions_app import clock
from sessions_app.insights import next_steps
from sessions_app.insights.step_row import StepRow
from sessions_app.models import Membership, StepMark
from sessions_app.models.suggestions import MarkKind
from sessions_app.services import analytics
from sessions_app.services.errors import Invalid, NotFound
from sessions_app.services.personal import locked_membership, note_changed

# How long a snooze lasts, by its word in the form; None: until the step's subject changes.
SNOOZES: dict[str, dt.timedelta | None] = {
    "day": dt.timedelta(days=1),
    "week": dt.timedelta(weeks=1),
    "change": None,
}


def mark_done(user_id: UUID, project_id: UUID, step_id: str) -> None:
    """Put a step aside as done, until its subject changes. Raises NotFound for an unknown step."""
    _mark(user_id, project_id, step_id, MarkKind.DONE, None)


def snooze(user_id: UUID, project_id: UUID, step_id: str, until: str) -> None:
    """Put a step aside for a "day", a "week", or until its subject "change"s.

    Raises NotFound for a step that is not suggested, Invalid for another word.
    """
    if until not in SNOOZES:
        raise Invalid("until", f"must be one of {', '.join(SNOOZES)}.")
    length = SNOOZES[until]
    _mark(user_id, project_id, step_id, MarkKind.SNOOZED, clock.now() + length if length else None)


def undo(user_id: UUID, project_id: UUID, step_id: str) -> None:
    """Take a mark back; taking back none is fine."""
    with transaction.atomic():
        membership = locked_membership(user_id, project_id)
        if StepMark.objects.filter(membership=membership, step_id=step_id).delete()[0]:
            note_changed(membership)


def end_snoozes(project_id: UUID, now: dt.datetime) -> int:
    """Drop the snoozes that are over, so that their steps come back; returns how many."""
    ended = 0
    over = StepMark.objects.filter(project_id=project_id, until__lte=now)
    for membership_id in set(over.values_list("membership_id", flat=True)):
        with transaction.atomic():
            membership = Membership.objects.select_for_update(no_key=True).filter(id=membership_id).first()
            # Who was taken out meanwhile took their marks along.
            if membership is None:
                continue
            ended += over.filter(membership=membership).delete()[0]
            note_changed(membership)
    return ended


def _mark(user_id: UUID, project_id: UUID, step_id: str, kind: MarkKind, until: dt.datetime | None) -> None:
    with transaction.atomic():
        membership = locked_membership(user_id, project_id)
        step = _suggested(user_id, project_id, step_id)
        StepMark.objects.update_or_create(
            project_id=project_id,
            membership=membership,
            step_id=step_id,
            defaults={"kind": kind, "subject_version": step.subject_version, "until": until},
        )
        note_changed(membership)


def _suggested(user_id: UUID, project_id: UUID, step_id: str) -> StepRow:
    """The step as it stands now, shown or hidden: its subject's version is what the mark holds for."""
    found = analytics.step_facts(user_id, project_id)
    facts, marks = analytics.as_facts(project_id, found), analytics.as_marks(found["marks"])
    now = clock.now()
    for row in (*next_steps.suggest(facts, marks, now), *next_steps.hidden(facts, marks, now)):
        if row.id == step_id:
            return row
    raise NotFound("This step is not suggested any more.")
