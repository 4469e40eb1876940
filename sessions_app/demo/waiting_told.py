"""What waits in a project's story: questions and blockers, named by how they begin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sessions_app.demo.occasions import Occasions
from sessions_app.models import User
from sessions_app.services import blockers, questions


class WaitingTold(Occasions):
    """What becomes of questions and blockers."""

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
