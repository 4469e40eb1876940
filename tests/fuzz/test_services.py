"""Services under anything that may happen to a project: after each step what must be so is so."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import Any

from django.apps import apps
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.importers.rows import ItemRow
from sessions_app.ledger import Actor
from sessions_app.models import (
    Activity,
    Item,
    Membership,
    ProjectCounter,
    Session,
    TrackedActivity,
    User,
)
from sessions_app.services import (
    anchors,
    hand_offs,
    imports,
    items,
    looks,
    members,
    projects,
    rollups,
    tracking,
)
from sessions_app.services.errors import ServiceError
from tests import factories
from tests.conftest import Cast
from tests.fuzz.budget import budget, in_time
from tests.services.reckoning import kept, reckoned
from tests.services.test_histories import (
    MINUTE,
    VERBS,
    History,
    Step,
    check_the_blockers,
    check_the_counters,
    check_the_items,
    check_the_ledger,
    check_what_one_saw,
    check_what_one_sees,
    gaps_in_time,
    numbers,
)

pytestmark = in_time()

# Every table with a project's rows that the run-time role may read row by row.
TENANTS = [
    model
    for model in apps.get_app_config("sessions_app").get_models()
    if any(field.attname == "project_id" for field in model._meta.fields)
]
STATES = ("exploring", "decided", "parked")
steps = st.builds(Step, st.sampled_from(sorted(VERBS)), numbers, numbers, numbers, gaps_in_time)
rows = st.builds(
    lambda key, state, word, waits: ItemRow(
        key=str(key),
        title=f"Record {key} {word}",
        text=word,
        state=state,
        reason="" if state == "exploring" else word,
        outcome="",
        date=None,
        people=(),
        waits_for=tuple(str(other) for other in waits if other != key),
        where=f"{key}.md",
    ),
    numbers,
    st.sampled_from(STATES),
    st.sampled_from(["plain", "bright"]),
    st.sets(numbers, max_size=2),
)


class Project(RuleBasedStateMachine):
    """A project in which people, agents and imports do whatever they like, and time goes by."""

    def __init__(self, cast: Cast) -> None:
        super().__init__()
        self.cast, self.others = cast, (cast.ann, cast.bob, cast.vera, cast.zoe)

    @initialize(first=st.lists(steps, max_size=5))
    def begins(self, first: list[Step]) -> None:
        people = (self.cast.ann, self.cast.bob, self.cast.vera)
        project = factories.project(self.cast.ann, "Any", editors=[self.cast.bob], viewers=[self.cast.vera])
        self.history = History(people, project)
        for number in range(3):
            self.history.run(Step("add", number, number, 1, MINUTE))
        for step in first:
            self.history.run(step)

    @rule(step=steps)
    def happens(self, step: Step) -> None:
        """Any verb of the histories."""
        self.history.run(step)

    @rule(who=numbers, role=st.sampled_from(["owner", "editor", "viewer"]))
    def joins(self, who: int, role: str) -> None:
        """By an invitation of Ann's, while she may."""
        person = self.others[who % len(self.others)]
        with self._then():
            with acting_as(self.cast.ann.id):
                _row, secret = members.invite(self.history.project.id, self.cast.ann, role=role)
            with acting_as(person.id):
                members.accept_invitation(person, secret)
        self.nobody_sees_what_is_not_theirs()

    @rule(who=numbers, by=numbers)
    def leaves(self, who: int, by: int) -> None:
        """By themselves, or removed by somebody."""
        person, actor = self.others[who % len(self.others)], self.others[by % len(self.others)]
        with self._then(), acting_as(actor.id):
            members.remove_member(self.history.project.id, Actor.person(actor), person.id)
        self.nobody_sees_what_is_not_theirs()

    @rule(who=numbers, role=st.sampled_from(["owner", "editor", "viewer"]))
    def gets_a_role(self, who: int, role: str) -> None:
        person = self.others[who % len(self.others)]
        with self._then(), acting_as(self.cast.ann.id):
            members.change_role(self.history.project.id, Actor.person(self.cast.ann), person.id, role=role)

    @rule(found=st.lists(rows, min_size=1, max_size=4, unique_by=lambda row: row.key))
    def imports(self, found: list[ItemRow]) -> None:
        with self._then(), acting_as_system([self.history.project.id]):
            imports.import_rows(self.history.project.id, "adr", found)

    @rule(who=numbers, times=st.integers(1, 4), digested=st.booleans())
    def tracks(self, who: int, times: int, digested: bool) -> None:
        """Input of a page that is open, digested at once or later."""
        person = self.others[who % len(self.others)]
        for _ in range(times):
            with self._then(), acting_as(person.id):
                tracking.track_activity(person.id, self.history.project.id)
        if digested:
            digest_waiting([self.history.project.id])

    @rule(who=numbers, what=numbers)
    def catches_up(self, who: int, what: int) -> None:
        """Says so of everything, or of one decision."""
        person, project_id = self.others[who % len(self.others)], self.history.project.id
        with self._then(), acting_as(person.id):
            if what:
                item = self.history.pick(Item, what, state="decided")
                looks.accept_decision(person.id, project_id, item.id, item.decided_version)
            else:
                known = ProjectCounter.objects.filter(project_id=project_id).first()
                anchors.catch_up(person.id, project_id, known.version if known else 0)

    @rule(who=numbers)
    def hands_off(self, who: int) -> None:
        person = self.others[who % len(self.others)]
        with self._then(), acting_as(person.id):
            hand_offs.leave_hand_off(self.history.project.id, Actor.person(person), text="The lamp is next.")

    @rule(archives=st.booleans())
    def is_put_away_and_back(self, archives: bool) -> None:
        verb = projects.archive_project if archives else projects.restore_project
        with self._then(), acting_as(self.cast.ann.id):
            verb(self.history.project.id, Actor.person(self.cast.ann))

    @rule()
    def another_is_made_and_deleted(self) -> None:
        """Zoe's, with an item that blocks another: nothing of it stays."""
        with self._then(), acting_as(self.cast.zoe.id):
            made = projects.create_project(self.cast.zoe, title="Gone")
            items.add_item(made.id, Actor.person(self.cast.zoe), title="Lens")
            projects.delete_project(made.id, confirm_title="Gone")

    @rule()
    def rolls_up(self) -> None:
        with clock.at(self.history.now):
            rollups.roll_up(self.history.project.id)

    @invariant()
    def each_has_one_active_session_at_most(self) -> None:
        with acting_as_system([self.history.project.id]):
            active = list(Session.objects.filter(is_active=True).values_list("project_id", "user_id"))
        assert len(active) == len(set(active))

    @invariant()
    def counters_are_what_there_is(self) -> None:
        check_the_counters(self.history)

    @invariant()
    def versions_have_no_gap(self) -> None:
        with acting_as_system([self.history.project.id]):
            told = list(Activity.objects.values_list("version", flat=True).distinct().order_by("version"))
            assert told == list(range(1, ProjectCounter.objects.get().version + 1))

    def nobody_sees_what_is_not_theirs(self) -> None:
        """Asked when members change and at the end: it looks into every table."""
        for person in self.others:
            with acting_as(person.id):
                mine = set(Membership.objects.filter(user=person).values_list("project_id", flat=True))
                for model in TENANTS:
                    seen = set(model.objects.values_list("project_id", flat=True).distinct())
                    assert seen <= mine, (person, model)

    def teardown(self) -> None:
        """What is told to each of the members is what slow and plain Python makes of the rows."""
        if not hasattr(self, "history"):
            return
        project_id = self.history.project.id
        digest_waiting([project_id])
        self.nobody_sees_what_is_not_theirs()
        with clock.at(self.history.now):
            check_the_ledger(self.history)
            check_the_blockers(self.history)
            check_the_items(self.history)
            for person in self._members():
                with acting_as(person.id):
                    check_what_one_sees(self.history, person)
                    check_what_one_saw(self.history, person)
            with acting_as_system([project_id]):
                assert not TrackedActivity.objects.filter(digested_at=None).exists()
            rollups.roll_up(project_id)
            assert kept(project_id) == reckoned(project_id)

    def _members(self) -> list[User]:
        with acting_as_system([self.history.project.id]):
            here = set(Membership.objects.values_list("user_id", flat=True))
        return [person for person in self.others if person.id in here]

    def _then(self) -> Any:
        """A minute later; a refusal by a service is part of life."""
        self.history.now += MINUTE
        stack = ExitStack()
        stack.enter_context(clock.at(self.history.now))
        stack.enter_context(suppress(ServiceError))
        return stack


def test_whatever_happens_what_is_told_of_it_is_true(cast: Cast) -> None:
    run_state_machine_as_test(
        lambda: Project(cast),
        settings=budget(5, stateful_step_count=20, phases=[Phase.generate, Phase.shrink]),
    )
