"""Tells a project's story: every event is one transaction of a real service, at its own moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.db.models import F

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.demo.moments import Moments
from sessions_app.digest.digester import digest_waiting
from sessions_app.ledger import Actor
from sessions_app.models import (
    AgentToken,
    Blocker,
    Invitation,
    Item,
    ItemDependency,
    Membership,
    Message,
    Project,
    Question,
    Session,
    StepMark,
    User,
)
from sessions_app.services import (
    agent_tokens,
    agents,
    blockers,
    dependencies,
    hand_offs,
    items,
    members,
    messages,
    projects,
    questions,
    sessions,
    steps,
    tracking,
    waking,
)

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


class Telling:
    """One project, and where its story has got to.

    Items go by a short key of the story's own. `on_day` and `ago` say when the next sitting begins;
    every event after it comes some minutes after the one before, so versions follow time. `told_to` is who
    comes back to it.
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

    # --- when ----------------------------------------------------------------------------------

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

    # --- members and visits ----------------------------------------------------------------------

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

    # --- items ---------------------------------------------------------------------------------

    def adds(
        self,
        who: Who,
        key: str,
        title: str,
        text: str = "",
        *,
        fills: Sequence[str] = (),
        cites: tuple[UUID, str, float] | None = None,
    ) -> None:
        """Add an item. `fills`: how the gaps it fills begin; `cites`: message, quote, confidence."""
        with self._event(who) as actor:
            gaps = [self._blocker(beginning) for beginning in fills]
            item = items.add_item(self.project_id, actor, title=title, text=text, fills=gaps)
            self.items[key] = item.id
            if cites is not None:
                message_id, quote, confidence = cites
                Item.objects.filter(id=item.id).update(
                    citation_message_id=message_id,
                    citation_quote=quote,
                    citation_at=Message.objects.get(id=message_id).created_at,
                    citation_confidence=confidence,
                )

    def edits(self, who: Who, key: str, *, title: str | None = None, text: str | None = None) -> None:
        """Change an item's words."""
        with self._event(who) as actor:
            item = items.get_item(self.project_id, self.items[key])
            items.edit_item(
                self.project_id,
                actor,
                item.id,
                title=title or item.title,
                text=text or item.text,
                version=item.version,
            )

    def decides(
        self,
        who: Who,
        key: str,
        reason: str,
        *,
        outcome: str = "",
        instead_of: Sequence[str] = (),
        look_again: dt.datetime | None = None,
    ) -> None:
        """Decide an item."""
        with self._event(who) as actor:
            items.decide_item(
                self.project_id,
                actor,
                self.items[key],
                reason=reason,
                outcome=outcome,
                alternatives=instead_of,
                review_at=look_again,
            )

    def parks(
        self,
        who: Who,
        key: str,
        reason: str,
        *,
        wakes: dt.datetime | None = None,
        until: str = "",
        visits: int | None = None,
    ) -> None:
        """Park an item; `until` is the key of the one whose decision wakes it."""
        with self._event(who) as actor:
            items.park_item(
                self.project_id,
                actor,
                self.items[key],
                reason=reason,
                wake_at=wakes,
                wake_item_id=self.items[until] if until else None,
                wake_sessions=visits,
            )

    def reopens(self, who: Who, key: str, reason: str) -> None:
        """Take an item up again."""
        with self._event(who) as actor:
            items.explore_item(self.project_id, actor, self.items[key], reason=reason)

    def deletes(self, who: Who, key: str) -> None:
        """Delete an item."""
        with self._event(who) as actor:
            items.delete_item(self.project_id, actor, self.items.pop(key))

    def waits(self, who: Who, key: str, *, on: str) -> None:
        """Say that one item waits for another."""
        with self._event(who) as actor:
            waiting, blocking = self.items[key], self.items[on]
            dependencies.add_dependency(self.project_id, actor, waiting_id=waiting, blocking_id=blocking)
            ItemDependency.objects.filter(waiting_id=waiting, blocking_id=blocking).update(
                created_at=clock.now()
            )

    # --- talk ----------------------------------------------------------------------------------

    def says(self, who: Who, text: str, *, asks: Sequence[dict[str, str]] = ()) -> UUID:
        """Say something in the chat; an agent's message may carry questions. Returns its id."""
        with self._event(who) as actor:
            if isinstance(who, str):
                metadata = {"agentQuestions": list(asks)} if asks else {}
                return agents.post_agent_message(self.project_id, who, text=text, metadata=metadata).id
            return messages.post_message(self.project_id, actor, text=text).id

    def says_instead(self, person: User, message_id: UUID, text: str) -> None:
        """Change one's own message."""
        with self._event(person) as actor:
            messages.edit_message(self.project_id, actor, message_id, text=text)

    def takes_back(self, person: User, message_id: UUID) -> None:
        """Delete one's own message."""
        with self._event(person) as actor:
            messages.delete_message(self.project_id, actor, message_id)

    # --- agents, questions, blockers -----------------------------------------------------------

    def gives_token(self, agent_type: str) -> UUID:
        """The owner lets an outside agent in. Its secret is thrown away: nobody can use it."""
        with self._event(self.owner):
            token, _secret = agent_tokens.create_agent_token(
                self.project_id, self.owner, name=f"{agent_type} on Mina's server", agent_type=agent_type
            )
            AgentToken.objects.filter(id=token.id).update(created_at=clock.now())
            return token.id

    def reports(
        self,
        agent_type: str,
        action: str,
        details: dict[str, object],
        *,
        blocks: Sequence[str] = (),
        token_id: UUID | None = None,
    ) -> None:
        """An agent reports, and what it reports is digested. `blocks`: keys of items."""
        with self._event(agent_type):
            if blocks:
                details = details | {"blocks": [str(self.items[key]) for key in blocks]}
            agents.post_agent_activity(
                self.project_id,
                agent_type=agent_type,
                action=action,
                details=details,
                occurred_at=clock.now() - dt.timedelta(seconds=20),
                token_id=token_id,
            )
            if token_id is not None:
                AgentToken.objects.filter(id=token_id).update(last_used_at=clock.now())
        # Usually digested by now, right after the commit; a process that does not is no matter.
        with clock.at(self._moments.latest):
            digest_waiting([self.project_id])

    def resolves(self, agent_type: str, action: str, blocker: str) -> None:
        """An agent reports that what it raised (by how it begins) is resolved."""
        with acting_as_system([self.project_id]):
            blocker_id = self._blocker(blocker)
        self.reports(agent_type, action, {"resolves": [str(blocker_id)]})

    def answers(self, person: User, question: str, answer: str) -> None:
        """Answer the open question that begins so."""
        with self._event(person) as actor:
            questions.answer_question(self.project_id, actor, self._question(question), answer=answer)

    def dismisses_question(self, person: User, question: str) -> None:
        """Say that the open question that begins so needs no answer."""
        with self._event(person) as actor:
            questions.dismiss_question(self.project_id, actor, self._question(question))

    def is_stuck(
        self,
        person: User,
        text: str,
        *,
        kind: str = "information",
        stops: Sequence[str] = (),
        waits_for: User | None = None,
        on: str = "",
        until: dt.datetime | None = None,
    ) -> None:
        """A person says what stops items, and what it waits for: somebody, an item (`on`), or a day."""
        with self._event(person) as actor:
            blockers.raise_blocker_by_person(
                self.project_id,
                actor,
                text=text,
                kind=kind,
                blocks=[self.items[key] for key in stops],
                waits_for=waits_for.id if waits_for else None,
                waits_on_item=self.items[on] if on else None,
                waits_until=until,
            )

    def does(self, person: User, blocker: str) -> None:
        """Whom the open blocker that begins so waits for says that it is done."""
        with self._event(person) as actor:
            blockers.say_done(self.project_id, actor, self._blocker(blocker))

    def clears(self, person: User, blocker: str) -> None:
        """Say that the open blocker that begins so stops nothing any more."""
        with self._event(person) as actor:
            blockers.clear_blocker(self.project_id, actor, self._blocker(blocker))

    def dismisses_blocker(self, person: User, blocker: str) -> None:
        """Say that the open blocker that begins so never mattered."""
        with self._event(person) as actor:
            blockers.dismiss_blocker(self.project_id, actor, self._blocker(blocker))

    def _question(self, beginning: str) -> UUID:
        found = Question.objects.open().filter(project_id=self.project_id)
        return found.get(text__startswith=beginning).id

    def _blocker(self, beginning: str) -> UUID:
        found = Blocker.objects.open().filter(project_id=self.project_id)
        return found.get(text__startswith=beginning).id

    # --- the end -------------------------------------------------------------------------------

    def ends(self) -> UUID:
        """Put right what the real clock dated; nobody may still be here. Returns the project's id."""
        with acting_as_system([self.project_id]):
            visits = Session.objects.filter(project_id=self.project_id)
            assert not visits.active().exists(), "somebody is still here"
            visits.update(updated_at=F("session_end"))
        return self.project_id
