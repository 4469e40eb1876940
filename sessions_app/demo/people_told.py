"""Members of a project's story: who joins, comes and goes."""

from __future__ import annotations

import datetime as dt

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.demo.occasions import Occasions
from sessions_app.models import Invitation, Membership, StepMark, User
from sessions_app.services import hand_offs, members, questions, sessions, steps, waking


class PeopleTold(Occasions):
    """Members and their visits."""

    def joins(self, person: User, role: str) -> None:
        """The owner invited `person`, who now joins by the link."""
        # Made in the present: the database judges by its own clock whether a link is over.
        with acting_as(self.owner.id):
            invitation, secret = members.invite(self.project_id, self.owner, role=role, email=person.email)
        with self._event(person):
            members.accept_invitation(person, secret)
            now = clock.now()
            Membership.objects.filter(project_id=self.project_id, user=person).update(created_at=now)
            Invitation.objects.filter(id=invitation.id).update(
                created_at=now - dt.timedelta(hours=1),
                accepted_at=now,
                expires_at=now + dt.timedelta(days=7),
            )

    def invites(self, email: str, role: str) -> None:
        """The owner invites somebody who has not come yet."""
        with self._event(self.owner):
            invitation, _secret = members.invite(self.project_id, self.owner, role=role, email=email)
            Invitation.objects.filter(id=invitation.id).update(created_at=clock.now())

    def arrives(self, person: User) -> None:
        """`person` opens the project's page."""
        with self._event(person):
            sessions.start_session(person.id, self.project_id)
            self._here[person] = clock.now()
        self._moments.soon()
        if person not in self._regulars and person != self._told_to:
            self._regulars.append(person)

    def leaves(self, person: User, note: str = "") -> None:
        """`person` ends their session, with a note for whoever comes next or without."""
        with self._event(person) as actor:
            if note:
                hand_offs.leave_hand_off(self.project_id, actor, text=note)
            session = sessions.end_session(person.id, self.project_id)
            assert session is not None, f"{person} was not here"
            del self._here[person]

    def snoozes(self, person: User, key: str, until: str) -> None:
        """`person` puts the step about an item aside."""
        with self._event(person):
            step_id = f"item:{self.items[key]}"
            steps.snooze(person.id, self.project_id, step_id, until)
            StepMark.objects.filter(step_id=step_id).update(created_at=clock.now())

    def time_passes(self) -> None:
        """What the upkeep job does: idle sessions end, questions expire, parked items wake.

        Whoever was still here has left without a word.
        """
        moment = self._moments.next()
        with clock.at(moment), acting_as_system([self.project_id]):
            sessions.end_idle(self.project_id, moment)
            questions.expire_due(self.project_id, moment)
            waking.wake_due(self.project_id, moment)
        self._here.clear()
