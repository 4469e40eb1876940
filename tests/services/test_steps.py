"""A person's marks on suggested steps: done, snoozed, taken back."""

from __future__ import annotations

import uuid

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.models import Item, Membership, Question, StepMark
from sessions_app.services import dependencies, items, questions, steps, waking
from sessions_app.services.errors import NotFound
from tests.conftest import Cast
from tests.doing import (
    DAY,
    HOUR,
    NINE,
    add,
    again,
    as_system,
    counter,
    do,
    every,
    look,
    nothing_changes,
    refused_field,
    report,
    seeing,
    the,
)


def test_a_step_done_is_put_aside_for_this_person_only(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    before = counter(cast).version
    mark(cast, "ann", steps.mark_done, f"item:{lamp.id}")
    assert shown(cast, "ann") == ([], [(f"item:{lamp.id}", "done")])
    assert shown(cast, "bob") == ([f"item:{lamp.id}"], [])
    assert counter(cast).version == before, "nobody else's panel changed"
    assert member_version(cast, "ann") == 1
    assert member_version(cast, "bob") == 0


def test_a_viewer_marks_their_own(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    mark(cast, "vera", steps.mark_done, f"item:{lamp.id}")
    assert shown(cast, "vera")[0] == []


@pytest.mark.parametrize(("word", "length"), [("day", DAY), ("week", 7 * DAY)])
def test_a_snooze_ends_when_it_is_over(cast: Cast, word: str, length) -> None:
    """By the upkeep; until then the old state is true everywhere."""
    (lamp,) = add(cast, "Lamp")
    step = f"item:{lamp.id}"
    with clock.at(NINE):
        mark(cast, "ann", steps.snooze, step, word)
        assert the(StepMark, cast).until == NINE + length
        assert shown(cast, "ann") == ([], [(step, "snoozed")])
    assert as_system(cast, steps.end_snoozes, NINE + length - HOUR) == 0
    with clock.at(NINE + length):
        assert shown(cast, "ann")[0] == [], "not yet: the job has not run"
        assert as_system(cast, steps.end_snoozes, NINE + length) == 1
        assert as_system(cast, steps.end_snoozes, NINE + length) == 0
        assert shown(cast, "ann") == ([step], [])
    assert member_version(cast, "ann") == 2


def test_until_it_changes_has_no_end_in_time(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    mark(cast, "ann", steps.snooze, f"item:{lamp.id}", "change")
    assert the(StepMark, cast).until is None
    assert as_system(cast, steps.end_snoozes, NINE + 10_000 * DAY) == 0
    assert shown(cast, "ann")[0] == []


@pytest.mark.parametrize("how", ["done", "change", "week"])
def test_a_mark_holds_until_its_subject_changes(cast: Cast, how: str) -> None:
    lamp, other = add(cast, "Lamp", "Other")
    step = f"item:{lamp.id}"
    if how == "done":
        mark(cast, "ann", steps.mark_done, step)
    else:
        mark(cast, "ann", steps.snooze, step, how)
    do(cast, "bob", items.edit_item, other.id, title="Changed", text="", version=other.version)
    assert step not in shown(cast, "ann")[0]
    do(cast, "bob", items.edit_item, lamp.id, title="Lamp, the second", text="", version=lamp.version)
    do(cast, "bob", items.decide_item, other.id)
    assert step in shown(cast, "ann")[0]
    assert shown(cast, "ann")[1] == []


def test_another_mark_on_the_same_step_replaces_the_first(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    step = f"item:{lamp.id}"
    mark(cast, "ann", steps.snooze, step, "day")
    mark(cast, "ann", steps.mark_done, step)
    assert (the(StepMark, cast).kind, the(StepMark, cast).until) == ("done", None)
    assert shown(cast, "ann")[1] == [(step, "done")]


def test_a_mark_is_taken_back(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    step = f"item:{lamp.id}"
    mark(cast, "ann", steps.mark_done, step)
    mark(cast, "ann", steps.undo, step)
    assert shown(cast, "ann") == ([step], [])
    raised = member_version(cast, "ann")
    mark(cast, "ann", steps.undo, step)
    mark(cast, "ann", steps.undo, "nonsense")
    assert member_version(cast, "ann") == raised, "taking back none is fine, and no change"


def test_what_is_put_aside_makes_room_for_the_next(cast: Cast) -> None:
    """However many are put aside, five of those that are left are shown."""
    report(cast, "QuestionerAgent", {"questions": [f"Question {n}?" for n in range(12)]})
    for _ in range(6):
        mark(cast, "ann", steps.mark_done, shown(cast, "ann")[0][0])
    steps_shown, hidden = shown(cast, "ann")
    assert (len(steps_shown), len(hidden)) == (5, 6)
    assert not set(steps_shown) & {step for step, _ in hidden}


def test_what_blocks_others_may_be_snoozed_and_still_counts(cast: Cast) -> None:
    lamp, tower = add(cast, "Lamp", "Tower")
    do(cast, "bob", dependencies.add_dependency, waiting_id=lamp.id, blocking_id=tower.id)
    mark(cast, "ann", steps.snooze, f"item:{tower.id}", "week")
    with seeing(cast) as view:
        hidden = view.summary.raw["hiddenSteps"]
        assert view.summary.blockers == 1
    assert [(step["blocks_others"], step["blocked_count"]) for step in hidden] == [(True, 1)]


def test_only_a_suggested_step_is_marked(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    do(cast, "bob", items.decide_item, lamp.id)
    for step in (f"item:{lamp.id}", f"question:{uuid.uuid4()}", "", "item:", "x" * 500, "\x00", "\ud800"):
        for act, more in ((steps.mark_done, ()), (steps.snooze, ("day",))):
            with nothing_changes(), pytest.raises(NotFound):
                mark(cast, "ann", act, step, *more)
    assert every(StepMark, cast) == []


def test_a_snooze_lasts_one_of_three(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    for word in ("", "year", "Day", "\x00"):
        assert refused_field(mark, cast, "ann", steps.snooze, f"item:{lamp.id}", word) == "until"


def test_an_outsider_marks_nothing(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    for act, more in ((steps.mark_done, ()), (steps.snooze, ("day",)), (steps.undo, ())):
        with nothing_changes(), pytest.raises(NotFound):
            mark(cast, "zoe", act, f"item:{lamp.id}", *more)


def test_nobody_marks_in_anothers_name(cast: Cast) -> None:
    """Zoe acts and says she is Ann: the database shows her no membership to lock."""
    (lamp,) = add(cast, "Lamp")
    with nothing_changes(), pytest.raises(NotFound), acting_as(cast.zoe.id):
        steps.mark_done(cast.ann.id, cast.project.id, f"item:{lamp.id}")


def test_the_rules_in_rank_order(cast: Cast) -> None:
    """What blocks first; then what is missing, asked, idle; and what woke."""
    lamp, tower, horn = add(cast, "Lamp", "Tower", "Horn")
    report(cast, "QuestionerAgent", {"question": "Any?"})
    report(cast, "QuestionerAgent", {"question": "How bright?", "blocks": [str(lamp.id)]})
    report(cast, "GapDetectionAgent", {"gaps": ["The tides"], "blocks": [str(lamp.id)]})
    do(cast, "bob", dependencies.add_dependency, waiting_id=lamp.id, blocking_id=tower.id)
    with clock.at(NINE):
        do(cast, "bob", items.park_item, horn.id, reason="Later", wake_at=NINE + DAY)
    as_system(cast, waking.wake_due, NINE + DAY)
    with seeing(cast) as view:
        found = view.summary.raw["suggestedNextSteps"]
    assert [(step["rule"], step["priority"]) for step in found] == [
        ("answer_blocking", "high"),
        ("decide_waited_for", "high"),
        ("supply_missing", "high"),
        ("answer", "medium"),
        ("decide_idle", "medium"),
    ]


def test_an_empty_project_and_one_with_nothing_open(cast: Cast) -> None:
    assert rules(cast) == ["first_idea"]
    (lamp,) = add(cast, "Lamp")
    do(cast, "bob", items.decide_item, lamp.id)
    assert rules(cast) == ["decide_next"]


def test_the_question_that_holds_up_most_is_not_cut_off_by_older_ones(cast: Cast) -> None:
    """Only a handful of rows are read for each rule: they must be those that rank first."""
    found = add(cast, *(f"Item {n}" for n in range(3)))
    for n in range(7):
        report(cast, "QuestionerAgent", {"question": f"Older {n}?", "blocks": [str(found[0].id)]})
    blocks = [str(item.id) for item in found]
    report(cast, "QuestionerAgent", {"question": "The one?", "blocks": blocks})
    assert shown(cast, "ann")[0][0] == f"question:{the(Question, cast, text='The one?').id}"


def test_the_blocker_that_stops_most_is_not_cut_off_by_older_ones(cast: Cast) -> None:
    found = add(cast, *(f"Item {n}" for n in range(3)))
    for n in range(7):
        report(cast, "GapDetectionAgent", {"gaps": [f"Older {n}"], "blocks": [str(found[0].id)]})
    report(cast, "GapDetectionAgent", {"gaps": ["The one"], "blocks": [str(item.id) for item in found]})
    with seeing(cast) as view:
        first = view.summary.raw["suggestedNextSteps"][0]
    assert (first["subject"], first["blocked_count"]) == ("The one", 3)


def test_a_blocker_with_an_open_question_yields_only_the_questions_step(cast: Cast) -> None:
    gap = {"description": "The depth is unknown", "question": "How deep is it?"}
    report(cast, "GapDetectionAgent", {"gaps": [gap]})
    assert rules(cast) == ["answer", "first_idea"]
    do(cast, "bob", questions.dismiss_question, the(Question, cast).id)
    assert rules(cast) == ["supply_missing", "first_idea"]


def test_the_item_longest_without_change_is_the_one_to_decide(cast: Cast) -> None:
    made: list[Item] = []
    for hours, title in ((2, "B"), (1, "A"), (3, "C")):
        with clock.at(NINE + hours * HOUR):
            made += add(cast, title)
    assert shown(cast, "ann")[0] == [f"item:{made[1].id}"]
    with clock.at(NINE + 4 * HOUR):
        do(cast, "bob", items.edit_item, made[1].id, title="A2", text="", version=again(made[1]).version)
    assert shown(cast, "ann")[0] == [f"item:{made[0].id}"]


def mark(cast: Cast, who: str, verb, *args: object) -> None:
    user = getattr(cast, who)
    with acting_as(user.id):
        verb(user.id, cast.project.id, *args)


def shown(cast: Cast, who: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The ids of the steps shown, and ids and marks of those put aside."""
    with acting_as(getattr(cast, who).id):
        raw = look(cast, who).summary.raw
    return (
        [step["id"] for step in raw["suggestedNextSteps"]],
        [(step["id"], step["mark"]) for step in raw["hiddenSteps"]],
    )


def rules(cast: Cast) -> list[str]:
    with seeing(cast) as view:
        return [step["rule"] for step in view.summary.raw["suggestedNextSteps"]]


def member_version(cast: Cast, who: str) -> int:
    with acting_as(getattr(cast, who).id):
        return Membership.objects.get(user=getattr(cast, who), project=cast.project).version
