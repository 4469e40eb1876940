"""What staff looked at and did in the admin, in Django's own log of it.

A log names rows by what they are and their id: no title, no name, no text, so that erasing a person or a
project need not search it.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from sessions_app import clock
from sessions_app.models import User

# Beside Django's own flags for added, changed and deleted.
VIEWED = 4


def note_viewed(staff: User, row: Model) -> None:
    """Note that somebody opened a row that belongs to a project, or to a person."""
    _note(staff, row, VIEWED, "Viewed.")


def note_act(staff: User, row: Model, what: str) -> None:
    """Note an act of staff; `what` is a short sentence in the past tense."""
    _note(staff, row, CHANGE, what)


def note_edit(staff: User, row: Model, flag: int, changes: str | list[dict[str, Any]]) -> LogEntry:
    """Note what a form of the admin did to a row; `changes` name fields, as Django tells them."""
    return _note(staff, row, flag, changes if isinstance(changes, str) else json.dumps(changes))


def named(row: Model) -> str:
    """A row by what it is and its id: "session 6f1c…"."""
    return f"{row._meta.verbose_name} {row.pk}"


def _note(staff: User, row: Model, flag: int, what: str) -> LogEntry:
    return LogEntry.objects.create(
        user=staff,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=named(row),
        action_flag=flag,
        change_message=what,
        action_time=clock.now(),
    )
