"""The moment everything is counted from, ids that sort as they read, and facts with defaults."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from sessions_app.insights.facts import (
    BlockerFact,
    ContestedFact,
    ItemFact,
    Mark,
    ProjectFacts,
    QuestionFact,
    WaitsForYouFact,
    WokenFact,
)
from sessions_app.insights.step_row import StepRow

NOW = datetime(2025, 3, 14, 12, 0, tzinfo=UTC)


def uid(number):
    return UUID(int=number)


def days_ago(days):
    return NOW - timedelta(days=days)


def question(number, *, asked=1, count=0, frees=0, blocks=False, version=1, text="What is the budget?"):
    return QuestionFact(uid(number), text, "QuestionerAgent", days_ago(asked), count, frees, blocks, version)


def item(number, *, changed=1, waiting=0, version=1, title="Pricing"):
    return ItemFact(uid(number), title, days_ago(changed), waiting, version)


def blocker(number, *, kind="information", since=1, count=0, asked=False, version=1):
    return BlockerFact(uid(number), "The budget", kind, days_ago(since), count, asked, version)


def yours(number, *, since=1, count=0, by="Ann", version=1, text="Ring the printer"):
    return WaitsForYouFact(uid(number), text, by, days_ago(since), count, version)


def woken(number, *, parked=21, woke=1, version=1, reason="budget unclear"):
    return WokenFact(uid(number), "Mobile app", reason, days_ago(parked), days_ago(woke), version)


def contested(number, *, at=2, version=1):
    return ContestedFact(uid(number), "Use Postgres", days_ago(at), "Bob", version)


def project(*, total=10, exploring=3, version=1, **facts):
    return ProjectFacts(uid(999), total, exploring, version, **facts)


# Few distinct values, so that ties and marks that fit their step are common.
_numbers = st.integers(0, 3)
_moments = st.integers(-2, 40).map(days_ago)
_texts = st.text(max_size=5)


def _some(fact):
    return st.lists(fact, max_size=5, unique_by=lambda f: f.id).map(tuple)


def _ids(first):
    """Ids of one kind of subject: an item is exploring, parked or decided, never two at once."""
    return st.integers(first, first + 5).map(uid)


questions = _some(
    st.builds(QuestionFact, _ids(10), _texts, _texts, _moments, _numbers, _numbers, st.booleans(), _numbers)
)
waiting_for_you = _some(st.builds(WaitsForYouFact, _ids(60), _texts, _texts, _moments, _numbers, _numbers))
blockers = _some(
    st.builds(
        BlockerFact,
        _ids(20),
        _texts,
        st.sampled_from(["information", "decision", "clarification"]),
        _moments,
        _numbers,
        st.booleans(),
        _numbers,
    )
)
exploring = _some(st.builds(ItemFact, _ids(30), _texts, _moments, _numbers, _numbers))


@st.composite
def project_facts(draw):
    items = draw(exploring)
    return ProjectFacts(
        project_id=uid(999),
        total_items=draw(_numbers),
        exploring=len(items),
        version=draw(_numbers),
        questions=draw(questions),
        waits_for_you=draw(waiting_for_you),
        items_waited_for=tuple(i for i in items if i.waiting_count),
        blockers=draw(blockers),
        longest_idle=items,
        woken=draw(_some(st.builds(WokenFact, _ids(40), _texts, _texts, _moments, _moments, _numbers))),
        contested=draw(_some(st.builds(ContestedFact, _ids(50), _texts, _moments, _texts, _numbers))),
    )


_step_ids = st.one_of(
    st.integers(10, 15).map(lambda n: f"question:{uid(n)}"),
    st.integers(20, 25).map(lambda n: f"blocker:{uid(n)}"),
    st.integers(60, 65).map(lambda n: f"blocker:{uid(n)}"),
    st.integers(30, 35).map(lambda n: f"item:{uid(n)}"),
    st.integers(40, 45).map(lambda n: f"item:{uid(n)}:wake"),
    st.integers(50, 55).map(lambda n: f"item:{uid(n)}:review"),
    st.just(f"project:{uid(999)}"),
)
marks = st.lists(
    st.builds(Mark, _step_ids, st.sampled_from(["done", "snoozed"]), _numbers, st.none() | _moments),
    max_size=20,
)


def row(rule, *, subject="Pricing", count=0, frees=0, since=3, detail="", priority="medium"):
    return StepRow(
        id=f"item:{uid(1)}",
        rule=rule,
        subject=subject,
        priority=priority,
        blocks_others=count > 0,
        blocked_count=count,
        since=None if since is None else days_ago(since),
        detail=detail,
        subject_version=1,
        frees=frees,
    )
