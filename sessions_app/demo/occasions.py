"""When the events of a project's story happen, and who is here: each is one transaction at its own moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.demo.moments import Moments
from sessions_app.digest.digester import digest_waiting
from sessions_app.ledger import Actor
from sessions_app.models import Blocker, Membership, Project, Question, User
from sessions_app.services import projects, sessions, tracking

# Longer than this nobody just sits there.
_LONGEST_STILL = dt.timedelta(minutes=10)

# Who only looks in: on a day after the last sitting, and on days of which the story tells nothing; when, and
# for how many minutes. "": nobody.
_LATE = "22:40"
_LOOKS_IN = (
    *(("12:40", 4), ("", 0), ("21:05", 13), ("08:10", 2)),
    *(("16:30", 26), ("", 0), ("13:05", 1), ("19:50", 8)),
)
# How often whoever looks in scrolls or opens something.
_LOOKS_EVERY = dt.timedelta(seconds=70)

# A person, or an agent by its name.
Who = User | str


class Occasions:
    """One project, and where its story has got to. Items go by a short key of the story's own.

    `on_day` and `ago` say when the next sitting begins; every event after it comes some minutes after the one
    before, so versions follow time. `told_to` is who comes back to it.
    """

    def __init__(
        self, now: dt.datetime, owner: User, title: str, *, told_to: User, day: int, at: str
    ) -> None:
        self.owner = owner
        self._told_to = told_to
        self.items: dict[str, UUID] = {}
        self._here: dict[User, dt.datetime] = {}  # and when they last did something
        self._regulars: list[User] = []  # who has been here, but for whoever the story is told to
        self._moments = Moments(now)
        self._moments.on_day(day, at)
        begun = self._moments.next()
        with clock.at(begun), acting_as(owner.id):
            self.project_id = projects.create_project(owner, title=title).id
            # What the database dates by itself it dates by the real clock: the story puts it right.
            Project.objects.filter(id=self.project_id).update(created_at=begun, updated_at=begun)
            Membership.objects.filter(project_id=self.project_id).update(created_at=begun)

    def on_day(self, days: int, at: str) -> None:
        """The next sitting begins so many days before today, at "hh:mm"; see Moments.

        Until then somebody looks in now and then, and changes nothing.
        """
        if (last := self._moments.day) is not None and self._regulars and not self._here:
            for day in range(last, days, -1):
                self._looks_in(day, is_late=day == last)
        self._moments.on_day(days, at)

    def ago(self, *, days: int = 0, hours: float = 0) -> None:
        """The next sitting begins so long before now."""
        self._moments.ago(days=days, hours=hours)

    def _looks_in(self, day: int, *, is_late: bool) -> None:
        at, minutes = _LOOKS_IN[day % len(_LOOKS_IN)]
        if not at:
            return
        person, length = self._regulars[day % len(self._regulars)], dt.timedelta(minutes=minutes)
        self._moments.on_day(day, _LATE if is_late else at)
        came = self._moments.next()
        with clock.at(came), acting_as(person.id):
            sessions.start_session(person.id, self.project_id)
        for look in range(1, length // _LOOKS_EVERY + 1):
            with clock.at(came + look * _LOOKS_EVERY), acting_as(person.id):
                tracking.track_activity(person.id, self.project_id)
        self._moments.pass_by(length)
        with clock.at(self._moments.latest):
            digest_waiting([self.project_id])
            with acting_as(person.id):
                sessions.end_session(person.id, self.project_id)

    def before_now(self, **length: float) -> dt.datetime:
        """A moment that is over: `before_now(hours=20)`."""
        return self._moments.now - dt.timedelta(**length)

    def in_future(self, days: int) -> dt.datetime:
        """A moment still to come."""
        return self._moments.now + dt.timedelta(days=days)

    @contextmanager
    def _event(self, who: Who) -> Iterator[Actor]:
        """One transaction in which `who` acts, at the story's next moment."""
        with clock.at(self._moments.next()):
            if isinstance(who, str):
                with acting_as_system([self.project_id]):
                    yield Actor.agent(who)
            else:
                with acting_as(who.id):
                    yield Actor.person(who)
                    self._is_active(who)
        self._others_read_along()

    def _others_read_along(self) -> None:
        """Whoever is here scrolls and reads meanwhile: their session does not go idle."""
        now = self._moments.latest
        for person, seen in list(self._here.items()):
            if now - seen > _LONGEST_STILL:
                with clock.at(now), acting_as(person.id):
                    self._is_active(person)

    def _is_active(self, person: User) -> None:
        sessions.touch_session(person.id, self.project_id)
        if person in self._here:
            self._here[person] = clock.now()

    def _question(self, beginning: str) -> UUID:
        found = Question.objects.open().filter(project_id=self.project_id)
        return found.get(text__startswith=beginning).id

    def _blocker(self, beginning: str) -> UUID:
        found = Blocker.objects.open().filter(project_id=self.project_id)
        return found.get(text__startswith=beginning).id
