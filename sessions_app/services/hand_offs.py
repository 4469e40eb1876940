"""Hand-offs: what a person leaves, at the end of a session, for whoever comes next."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from sessions_app import ledger
from sessions_app.ledger import Actor, Kind
from sessions_app.models import HandOff, Session
from sessions_app.models.hand_offs import HAND_OFF_MAX_CHARACTERS
from sessions_app.services.errors import NotFound
from sessions_app.services.personal import locked_membership
from sessions_app.services.texts import clean_text


def leave_hand_off(project_id: UUID, actor: Actor, *, text: str, session_id: UUID | None = None) -> HandOff:
    """Leave a note that all members and agents see until they were here after it.

    `session_id` is the person's own session that it sums up; left out, their latest one. A session has one
    hand-off: said again, the new words take the place of the old, and it is new to everybody. Raises Invalid
    for an empty or overlong text, NotFound for no such session.
    """
    assert actor.user_id is not None
    text = clean_text(text, "text", most=HAND_OFF_MAX_CHARACTERS, required=True)
    with transaction.atomic():
        # Before the project, as everywhere: who leaves a hand-off mostly ends the session with it.
        locked_membership(actor.user_id, project_id)
        session = _own_session(project_id, actor.user_id, session_id)
        with ledger.change(project_id, actor) as change:
            hand_off = HandOff.objects.filter(project_id=project_id, session=session).first()
            if hand_off is not None and hand_off.text == text:
                return hand_off
            hand_off = hand_off or HandOff(project_id=project_id, session=session, user_id=actor.user_id)
            hand_off.text, hand_off.version, hand_off.created_at = text, change.version, change.now
            hand_off.save()
            change.record(Kind.HAND_OFF_LEFT, text=text)
    return hand_off


def _own_session(project_id: UUID, user_id: UUID, session_id: UUID | None) -> Session:
    mine = Session.objects.of(user_id, project_id)
    found = mine.latest_one() if session_id is None else mine.filter(id=session_id).first()
    if found is None:
        raise NotFound("This session is not there.")
    return found
