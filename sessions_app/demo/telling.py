"""Tells a project's story: every event is one transaction of a real service, at its own moment."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F

from sessions_app.db.rls import acting_as_system
from sessions_app.demo.items_told import ItemsTold
from sessions_app.demo.people_told import PeopleTold
from sessions_app.demo.talk_told import TalkTold
from sessions_app.demo.waiting_told import WaitingTold
from sessions_app.models import Session


class Telling(PeopleTold, ItemsTold, TalkTold, WaitingTold):
    """One project's story; see Occasions for when its events happen."""

    def ends(self) -> UUID:
        """Put right what the real clock dated; nobody may still be here. Returns the project's id."""
        with acting_as_system([self.project_id]):
            visits = Session.objects.filter(project_id=self.project_id)
            assert not visits.active().exists(), "somebody is still here"
            visits.update(updated_at=F("session_end"))
        return self.project_id
