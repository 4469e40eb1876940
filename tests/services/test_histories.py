"""Any history at all: whatever people, agents and time do, what the product says of it stays true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.insights.split import split_decided
from sessions_app.jobs.upkeep import run_upkeep
from sessions_app.ledger import Actor
from sessions_app.models import (
    Activity,
    Blocker,
    BlockerItem,
    Item,
    ItemDependency,
    Membership,
    Project,
    ProjectCounter,
    Question,
    Session,
    User,
)
from sessions_app.panels import as_of
from sessions_app.panels import decided as decided_list
from sessions_app.panels.viewing import Members, viewing
from sessions_app.services import (
    agents,
    analytics,
    blockers,
    dependencies,
    idling,
    items,
    messages,
    questions,
    reviews,
    sessions,
    steps,
)
from sessions_app.services.errors import ServiceError
from tests import factories
from tests.conftest import Cast
from tests.doing import DAY, HOUR, NINE
from tests.services import ledger_shapes

AGENTS = ("ClarificationAgent", "GapDetectionAgent", "VerificationAgent")
MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Step:
    """One thing that happens: which, by whom, to what, and how much time went by before it."""

    verb: str
    who: int
    what: int
    other: int
    after: dt.timedelta


@dataclass
class History:
    """A project of its own, in which steps happen; a refusal by a service is part of life."""

    people: Sequence[User]
    project: Project
    now: dt.datetime = NINE
    done: list[str] = field(default_factory=list)

    def run(self, step: Step) -> None:
        self.now += step.after + MINUTE
        with clock.at(self.now), suppress(ServiceError):
            VERBS[step.verb](self, step)
            self.done.append(step.verb)

    def person(self, step: Step) -> User:
        return self.people[step.who % len(self.people)]

    def by_person(self, step: Step, verb: Callable[..., Any], *args: object, **kwargs: object) -> None:
        """As the pages do it: the verb counts as the person's activity, and they stand at its version."""
        person = self.person(step)
        with acting_as(person.id):
            sessions.start_session(person.id, self.project.id, resume=True)
            verb(self.project.id, Actor.person(person), *args, **kwargs)
            sessions.touch_session(person.id, self.project.id)

    def by_anyone(self, step: Step, verb: Callable[..., Any], *args: object, **kwargs: object) -> None:
        """A person, or (every third time) an agent."""
        if step.other % 3:
            self.by_person(step, verb, *args, **kwargs)
        else:
            with acting_as_system([self.project.id]):
                verb(self.project.id, Actor.agent(self.agent(step)), *args, **kwargs)

    def agent(self, step: Step) -> str:
        return AGENTS[step.who % len(AGENTS)]

    def report(self, step: Step, details: dict[str, object]) -> None:
        with acting_as_system([self.project.id]):
            agents.post_agent_activity(
                self.project.id, agent_type=self.agent(step), action="reports", details=details
            )
        digest_waiting([self.project.id])

    def pick(self, model: Any, number: int, **wanted: object) -> Any:
        """One of the rows there are; NotFound, so to say, when there is none."""
        with acting_as_system([self.project.id]):
            rows = list(model.objects.filter(project=self.project, **wanted).order_by("created_at", "id"))
        if not rows:
            raise ServiceError
        return rows[number % len(rows)]

    def rows(self, model: Any, **wanted: object) -> list[Any]:
        return list(model.objects.filter(project=self.project, **wanted))


# --- what may happen -----------------------------------------------------------------------------


def add(history: History, step: Step) -> None:
    history.by_anyone(step, items.add_item, title=f"Item {step.what}", text="x" * step.other)


def edit(history: History, step: Step) -> None:
    """Sometimes from a form that is stale by now."""
    item = history.pick(Item, step.what)
    version = item.version - (step.other == 1)
    history.by_person(
        step, items.edit_item, item.id, title=f"Item {step.other}", text=item.text, version=version
    )


def decide(history: History, step: Step) -> None:
    item = history.pick(Item, step.what)
    history.by_anyone(step, items.decide_item, item.id, reason=f"Reason {step.other}")


def supersede(history: History, step: Step) -> None:
    """By a decision that is to be looked at again."""
    item, other = history.pick(Item, step.what), history.pick(Item, step.other)
    review_at = history.now + step.other * HOUR + MINUTE
    history.by_anyone(step, items.decide_item, item.id, supersedes=[other.id], review_at=review_at)


def contest(history: History, step: Step) -> None:
    item = history.pick(Item, step.what, state="decided")
    history.by_person(step, reviews.contest_item, item.id, reason=f"Reason {step.other % 2}")


def confirm(history: History, step: Step) -> None:
    item = history.pick(Item, step.what, state="decided")
    history.by_person(step, reviews.confirm_item, item.id)


def judge(history: History, step: Step) -> None:
    """Answer whether a contested decision stands."""
    question = history.pick(Question, step.what, status="open", asked_by__isnull=False)
    history.by_person(step, questions.answer_question, question.id, answer=question.options[step.other % 2])


def keep(history: History, step: Step) -> None:
    history.by_anyone(step, idling.keep_item, history.pick(Item, step.what).id)


def park(history: History, step: Step) -> None:
    item = history.pick(Item, step.what)
    wake_at = history.now + step.other * HOUR if step.other else None
    history.by_anyone(step, items.park_item, item.id, wake_at=wake_at)


def park_until(history: History, step: Step) -> None:
    """Another item is decided, or somebody has come often enough."""
    item, other = history.pick(Item, step.what), history.pick(Item, step.other)
    wakes = {"wake_sessions": step.other} if step.other % 2 else {"wake_item_id": other.id}
    history.by_anyone(step, items.park_item, item.id, **wakes)


def explore(history: History, step: Step) -> None:
    history.by_anyone(step, items.explore_item, history.pick(Item, step.what).id)


def delete(history: History, step: Step) -> None:
    history.by_person(step, items.delete_item, history.pick(Item, step.what).id)


def wait(history: History, step: Step) -> None:
    waiting, blocking = history.pick(Item, step.what), history.pick(Item, step.other)
    history.by_person(step, dependencies.add_dependency, waiting_id=waiting.id, blocking_id=blocking.id)


def unwait(history: History, step: Step) -> None:
    edge = history.pick(ItemDependency, step.what)
    history.by_person(
        step,
        dependencies.remove_dependency,
        waiting_id=edge.waiting_id,
        blocking_id=edge.blocking_id,
    )


def ask(history: History, step: Step) -> None:
    """One of a few questions, so that the same comes again; some with a deadline, some that block."""
    asked: dict[str, object] = {"question": f"Question {step.what % 3}?"}
    if step.other % 2:
        asked["blocks"] = [str(history.pick(Item, step.what).id)]
    if step.other % 3 == 0:
        asked["expiresAt"] = (history.now + HOUR).isoformat()
    history.report(step, {"questions": [asked]})


def gap(history: History, step: Step) -> None:
    found: dict[str, object] = {"description": f"Gap {step.what % 3}"}
    if step.other % 2:
        found["question"] = f"Question {step.what % 3}?"
    history.report(step, {"gaps": [found], "approved": False, "issues": [f"Issue {step.other}"]})


def resolve(history: History, step: Step) -> None:
    key = "fills" if step.other % 2 else "resolves"
    history.report(step, {key: [str(history.pick(Blocker, step.what).id)]})


def answer(history: History, step: Step) -> None:
    question = history.pick(Question, step.what, status="open")
    history.by_person(step, questions.answer_question, question.id, answer="Yes")


def dismiss(history: History, step: Step) -> None:
    question = history.pick(Question, step.what)
    history.by_person(step, questions.dismiss_question, question.id)


def unblock(history: History, step: Step) -> None:
    verb = blockers.clear_blocker if step.other % 2 else blockers.dismiss_blocker
    history.by_person(step, verb, history.pick(Blocker, step.what).id)


def fill(history: History, step: Step) -> None:
    history.by_person(step, items.add_item, title="Filler", fills=[history.pick(Blocker, step.what).id])


def say(history: History, step: Step) -> None:
    history.by_anyone(step, messages.post_message, text="Hello")


def start(history: History, step: Step) -> None:
    person = history.person(step)
    with acting_as(person.id):
        sessions.start_session(person.id, history.project.id, resume=bool(step.other % 2))


def touch(history: History, step: Step) -> None:
    person = history.person(step)
    with acting_as(person.id):
        sessions.touch_session(person.id, history.project.id)


def end(history: History, step: Step) -> None:
    person = history.person(step)
    with acting_as(person.id):
        sessions.end_session(person.id, history.project.id)


def mark(history: History, step: Step) -> None:
    person = history.person(step)
    with acting_as(person.id):
        shown = analytics.get_summary(person.id, history.project.id)["suggestedNextSteps"]
        if shown:
            step_id = shown[step.what % len(shown)]["id"]
            steps.snooze(person.id, history.project.id, step_id, ("day", "week", "change")[step.other % 3])


def look(history: History, step: Step) -> None:
    """Somebody looks now and then: what is stored then must not be taken for true later."""
    person = history.person(step)
    with acting_as(person.id):
        analytics.get_summary(person.id, history.project.id)


def keep_up(history: History, _step: Step) -> None:
    run_upkeep(history.now)


VERBS: dict[str, Callable[[History, Step], None]] = {
    verb.__name__: verb
    for verb in (
        *(add, add, edit, decide, decide, park, park_until, explore, delete, wait, unwait),
        *(supersede, contest, contest, confirm, judge, keep),
        *(ask, gap, resolve, answer, dismiss, unblock, fill, say),
        *(start, touch, end, mark, look, keep_up),
    )
}


def play(cast: Cast, happened: Sequence[Step]) -> History:
    """A project of its own in which all this has happened."""
    people = (cast.ann, cast.bob, cast.vera)
    history = History(people, factories.project(cast.ann, "History", editors=[cast.bob, cast.vera]))
    # Some items from the start, or most steps would find nothing to do.
    for number in range(3):
        history.run(Step("add", number, number, 1, MINUTE))
    for step in happened:
        history.run(step)
    return history


numbers = st.integers(0, 5)
gaps_in_time = st.sampled_from([dt.timedelta(), MINUTE, 5 * MINUTE, 29 * MINUTE, HOUR, DAY])
histories = st.lists(
    st.builds(Step, st.sampled_from(sorted(VERBS)), numbers, numbers, numbers, gaps_in_time),
    min_size=12,
    max_size=40,
)


in_a_database = settings(
    max_examples=30,
    # Explaining a failure would take longer than finding it.
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)


@pytest.mark.slow
@given(histories)
@in_a_database
def test_what_is_told_of_a_history_is_what_happened(cast: Cast, happened: list[Step]) -> None:
    history = play(cast, happened)
    event(f"steps done: {len(history.done) // 10 * 10} to {len(history.done) // 10 * 10 + 9}")
    with clock.at(history.now):
        check_the_ledger(history)
        check_the_counters(history)
        check_the_blockers(history)
        check_the_items(history)
        for person in history.people:
            with acting_as(person.id):
                check_what_one_sees(history, person)
                check_what_one_saw(history, person)


# --- what must be true then ----------------------------------------------------------------------


def check_the_ledger(history: History) -> None:
    """Every version has its rows, every row its shape, and folding them gives what is there."""
    with acting_as_system([history.project.id]):
        rows = list(Activity.objects.filter(project=history.project).order_by("id"))
        version = ProjectCounter.objects.get(project=history.project).version
        for row in rows:
            ledger_shapes.check(row)
        assert sorted({row.version for row in rows}) == list(range(1, version + 1))
        assert [row.version for row in rows] == sorted(row.version for row in rows)
        told_items, told_questions, told_blockers = fold(rows)
        assert told_items == {item.id: (item.state, item.title, item.text) for item in history.rows(Item)}
        assert told_questions == {row.id for row in history.rows(Question, status="open")}
        assert told_blockers == {row.id for row in history.rows(Blocker, status="open")}


def fold(
    rows: Sequence[Activity],
) -> tuple[dict[UUID, tuple[str, str, str]], set[UUID], set[UUID]]:
    """State, title and text of every item, and the open questions and blockers: from the ledger alone."""
    found: dict[UUID, tuple[str, str, str]] = {}
    asked: set[UUID] = set()
    raised: set[UUID] = set()
    for row in rows:
        match row.kind:
            case "item.added":
                found[row.item_id] = (row.data["after"], row.data["title"], row.data["text"])
            case "item.edited":
                assert row.data["before"] == {
                    "title": found[row.item_id][1],
                    "text": found[row.item_id][2],
                }
                found[row.item_id] = (found[row.item_id][0], row.data["title"], row.data["text"])
            case "item.decided" | "item.parked" | "item.explored":
                assert (row.data["before"], row.data["title"]) == found[row.item_id][:2]
                found[row.item_id] = (row.data["after"], *found[row.item_id][1:])
            case "item.deleted":
                assert (row.data["before"], row.data["title"], row.data["text"]) == found.pop(row.item_id)
            case "question.asked":
                asked.add(row.question_id)
            case "question.answered" | "question.dismissed" | "question.expired":
                asked.remove(row.question_id)
            case "blocker.raised":
                raised.add(row.blocker_id)
            case "blocker.cleared" | "blocker.dismissed":
                raised.remove(row.blocker_id)
    return found, asked, raised


def check_the_counters(history: History) -> None:
    """The counter row says what counting would say."""
    with acting_as_system([history.project.id]):
        counts = ProjectCounter.objects.get(project=history.project)
        states = [item.state for item in history.rows(Item)]
        assert (counts.exploring, counts.decided, counts.parked) == (
            states.count("exploring"),
            states.count("decided"),
            states.count("parked"),
        )
        assert counts.questions_open == len(history.rows(Question, status="open"))
        assert counts.blockers_open == len(history.rows(Blocker, status="open"))


def check_the_blockers(history: History) -> None:
    """Dependency blockers are exactly the exploring items that exploring items wait for."""
    with acting_as_system([history.project.id]):
        titles = {item.id: item.title for item in history.rows(Item, state="exploring")}
        expected: dict[UUID, set[UUID]] = {}
        for edge in history.rows(ItemDependency):
            if {edge.waiting_id, edge.blocking_id} <= titles.keys():
                expected.setdefault(edge.blocking_id, set()).add(edge.waiting_id)
        standing = history.rows(Blocker, status="open", source="dependency")
        stopped = {
            row.item_id: set(BlockerItem.objects.filter(blocker=row).values_list("item_id", flat=True))
            for row in standing
        }
        assert stopped == expected
        assert {row.item_id: row.text for row in standing} == {i: titles[i] for i in expected}
        over = Blocker.objects.filter(project=history.project, question__status="answered")
        assert not over.filter(status="open").exists(), "an answer leaves nothing hanging"


def check_the_items(history: History) -> None:
    """What belongs to one state alone is on items in that state only; a question is open for a contest."""
    with acting_as_system([history.project.id]):
        for item in history.rows(Item):
            assert item.is_decided or not (item.is_to_review or item.review_at or item.alternatives)
            assert item.is_parked or not (item.has_wake_up or item.superseded_by_id)
            assert item.is_exploring or item.idle_warned_at is None
            asked = Question.objects.open().filter(asked_by__isnull=False, blocked_items__item=item)
            assert asked.count() <= (item.contested_at is not None)


def check_what_one_sees(history: History, person: User) -> None:
    """The split, the lists behind it, and the steps: as a slow and clear reckoning has them."""
    summary = analytics.get_summary(person.id, history.project.id)
    visits = history.rows(Session, user=person)
    assert sum(visit.is_active for visit in visits) <= 1
    # One that ended where it started (idle from its first moment on) came after the one that ended there.
    ended = max(
        (v for v in visits if not v.is_active), key=lambda v: (v.session_end, v.session_start), default=None
    )
    active = next((v for v in visits if v.is_active), None)
    decided = [item.decided_version for item in history.rows(Item, state="decided")]
    expected = split_decided(
        decided,
        ended.snapshot_at_start["version"] if ended else None,
        ended.end_version if ended else None,
        active.snapshot_at_start["version"] if active else None,
    )
    split = summary["itemsDecidedSplit"]
    parts = (split["lastSession"], split["away"], split["thisSession"])
    assert parts == (expected.last_session, expected.away, expected.this_session)
    assert summary["itemsDecided"] == expected.total == sum(parts)
    assert min(parts) >= 0
    assert summary["totalDecided"] == summary["currentDecided"] == len(decided)
    check_the_lists(history, person, summary, (expected.total, *parts))
    check_the_analytics(history, person, summary)


def check_what_one_saw(history: History, person: User) -> None:
    """The panel of every past session is the one it was, and that of the present moment the live one."""
    for visit in history.rows(Session, user=person):
        then, snapshot = as_of.read(visit, at_start=True, most=1), visit.snapshot_at_start
        assert (then.version, then.decided_now, then.exploring, then.parked, then.questions) == tuple(
            snapshot[name] for name in ("version", "decided", "exploring", "parked", "pending_questions")
        )
    visit, _resumed = sessions.start_session(person.id, history.project.id, resume=True)
    now = as_of.read(visit, at_start=False, most=1_000)
    counts = ProjectCounter.objects.get(project=history.project)
    assert (now.exploring, now.decided_now, now.parked, now.questions, now.blockers) == (
        *(counts.exploring, counts.decided, counts.parked, counts.questions_open, counts.blockers_open),
    )
    summary = analytics.get_summary(person.id, history.project.id)
    split = summary["itemsDecidedSplit"]
    assert (now.decided, now.split.last_session, now.split.away, now.split.this_session) == (
        *(summary["itemsDecided"], split["lastSession"], split["away"], split["thisSession"]),
    )
    assert {(row.id, row.state, row.title, row.reason, row.outcome) for row in now.items} == {
        (row.id, row.state, row.title, row.reason, row.outcome) for row in history.rows(Item)
    }
    for shown, model in ((now.open_questions, Question), (now.open_blockers, Blocker)):
        open_now = history.rows(model, status="open")
        assert {(row.id, row.text) for row in shown} == {(row.id, row.text) for row in open_now}


def check_the_lists(
    history: History, person: User, summary: dict[str, Any], numbers_shown: tuple[int, ...]
) -> None:
    """Behind each number is a list of exactly as many."""
    membership = Membership.objects.of(person.id).get(project=history.project)
    view = viewing(person, membership, summary, epoch="", here={}, members=Members([]))
    lists = {
        span: decided_list.context(view, span, by_agents=False, older="")["items"]
        for span in decided_list.SPANS
    }
    assert tuple(len(lists[span]) for span in ("all", "last", "away", "now")) == numbers_shown
    parts = [item.id for span in ("last", "away", "now") for item in lists[span]]
    assert sorted(parts) == sorted(item.id for item in lists["all"])
    assert len(lists["since"]) == numbers_shown[2] + numbers_shown[3]


def check_the_analytics(history: History, person: User, summary: dict[str, Any]) -> None:
    """What was stored is what computing it now gives."""
    assert summary | analytics.recompute(person.id, history.project.id, summary) == summary
    assert analytics.get_summary(person.id, history.project.id) == summary
    shown = [step["id"] for step in summary["suggestedNextSteps"]]
    hidden = [step["id"] for step in summary["hiddenSteps"]]
    assert len(shown) <= 5
    assert len({*shown, *hidden}) == len(shown) + len(hidden)
