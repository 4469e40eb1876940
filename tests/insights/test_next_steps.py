from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.insights.facts import Mark
from sessions_app.insights.next_steps import MAX_STEPS, hidden, suggest
from sessions_app.insights.step_row import PRIORITIES, RULES
from tests.insights.cast import (
    NOW,
    blocker,
    contested,
    days_ago,
    item,
    marks,
    project,
    project_facts,
    question,
    uid,
    woken,
    yours,
)


def ids(facts, *marks):
    return [row.id for row in suggest(facts, marks, NOW)]


def rules(facts, *marks):
    return [(row.rule, row.priority) for row in suggest(facts, marks, NOW)]


# What each rule suggests


def test_rules_come_in_rank_order():
    facts = project(
        questions=(question(1, count=1),),
        waits_for_you=(yours(9, count=1),),
        items_waited_for=(item(3, waiting=9),),
        blockers=(blocker(5, count=2), blocker(6, kind="decision", count=2)),
    )
    assert rules(facts) == [
        ("answer_blocking", "high"),
        ("do_yours", "high"),
        ("decide_waited_for", "high"),
        ("supply_missing", "high"),
        ("clear_blocker", "high"),
    ]


def test_what_waits_for_you_is_medium_when_it_blocks_nothing():
    facts = project(questions=(question(1),), waits_for_you=(yours(9),), longest_idle=(item(4),))
    assert rules(facts) == [("do_yours", "medium"), ("answer", "medium"), ("decide_idle", "medium")]


def test_what_waits_for_you_is_one_step_and_names_who_waits():
    """It is a blocker as well: the higher rule takes it. The most blocking comes first, then the older."""
    facts = project(
        blockers=(blocker(5, count=1),),
        waits_for_you=(yours(5, count=1), yours(6, count=2), yours(7, count=1, since=9)),
    )
    rows = suggest(facts, (), NOW)
    assert [row.id for row in rows] == [f"blocker:{uid(n)}" for n in (6, 7, 5)]
    assert {(row.rule, row.detail) for row in rows} == {("do_yours", "Ann")}


def test_a_questions_step_says_how_many_items_its_answer_frees():
    (row,) = suggest(project(questions=(question(1, count=3, frees=2),)), (), NOW)
    assert (row.blocked_count, row.frees) == (3, 2)


def test_the_lower_rules_come_in_rank_order():
    facts = project(
        questions=(question(2),), longest_idle=(item(4),), woken=(woken(7),), contested=(contested(8),)
    )
    assert rules(facts) == [
        ("answer", "medium"),
        ("decide_idle", "medium"),
        ("look_again", "medium"),
        ("review", "medium"),
    ]


def test_a_question_blocks_also_without_naming_items():
    assert rules(project(questions=(question(1, blocks=True, count=0),))) == [("answer_blocking", "high")]


def test_a_question_that_holds_up_items_blocks_whatever_its_flag():
    assert rules(project(questions=(question(1, blocks=False, count=1),))) == [("answer_blocking", "high")]


def test_missing_information_is_high_only_when_it_blocks():
    facts = project(blockers=(blocker(1, count=0), blocker(2, count=1)))
    assert rules(facts) == [("supply_missing", "high"), ("supply_missing", "medium")]


def test_a_blocker_that_blocks_goes_before_missing_information_that_does_not():
    facts = project(blockers=(blocker(1, count=0), blocker(2, kind="decision", count=1)))
    assert rules(facts) == [("clear_blocker", "high"), ("supply_missing", "medium")]


@pytest.mark.parametrize("kind", ["decision", "clarification"])
def test_other_blockers_are_cleared(kind):
    assert rules(project(blockers=(blocker(1, kind=kind),))) == [("clear_blocker", "medium")]


def test_a_blocker_with_an_open_question_gives_only_the_questions_step():
    facts = project(questions=(question(1, count=2),), blockers=(blocker(2, count=2, asked=True),))
    assert ids(facts) == [f"question:{uid(1)}"]


def test_and_still_gives_none_while_that_question_is_snoozed():
    facts = project(questions=(question(1, count=2),), blockers=(blocker(2, count=2, asked=True),))
    assert ids(facts, Mark(f"question:{uid(1)}", "snoozed", 1)) == []


def test_the_most_waited_for_item_comes_first():
    facts = project(items_waited_for=(item(1, waiting=1, changed=9), item(2, waiting=4)))
    assert ids(facts) == [f"item:{uid(2)}", f"item:{uid(1)}"]


def test_an_item_waited_for_by_none_is_no_step_of_that_rule():
    assert ids(project(items_waited_for=(item(1, waiting=0),))) == []


def test_only_the_longest_idle_item_is_suggested():
    assert ids(project(longest_idle=(item(1, changed=3), item(2, changed=9)))) == [f"item:{uid(2)}"]


def test_an_item_both_waited_for_and_longest_idle_is_one_step():
    both = item(1, waiting=2, changed=30)
    facts = project(items_waited_for=(both,), longest_idle=(both,))
    assert rules(facts) == [("decide_waited_for", "high")]


def test_the_next_idle_item_stands_in_for_one_already_suggested():
    both = item(1, waiting=2, changed=30)
    facts = project(items_waited_for=(both,), longest_idle=(both, item(2, changed=20)))
    assert ids(facts) == [f"item:{uid(1)}", f"item:{uid(2)}"]


def test_an_item_seen_in_two_states_gives_one_step():
    assert ids(project(woken=(woken(1),), contested=(contested(1),))) == [f"item:{uid(1)}:wake"]


def test_an_empty_project_gets_its_first_idea():
    rows = suggest(project(total=0, exploring=0), (), NOW)
    assert [(r.id, r.rule, r.priority) for r in rows] == [(f"project:{uid(999)}", "first_idea", "low")]


def test_a_project_with_nothing_exploring_decides_what_is_next():
    assert rules(project(total=4, exploring=0)) == [("decide_next", "low")]


def test_ids_are_stable_and_say_what_about():
    facts = project(
        questions=(question(1),), blockers=(blocker(2),), woken=(woken(3),), contested=(contested(4),)
    )
    assert ids(facts) == [
        f"blocker:{uid(2)}",
        f"question:{uid(1)}",
        f"item:{uid(3)}:wake",
        f"item:{uid(4)}:review",
    ]


def test_ties_go_to_the_older_then_to_the_id():
    facts = project(questions=(question(3, asked=1), question(2, asked=5), question(1, asked=1)))
    assert ids(facts) == [f"question:{uid(n)}" for n in (2, 1, 3)]


def test_what_holds_up_more_goes_before_what_is_older():
    facts = project(blockers=(blocker(1, since=9, count=1), blocker(2, since=1, count=3)))
    assert ids(facts) == [f"blocker:{uid(2)}", f"blocker:{uid(1)}"]


def test_of_items_waited_for_alike_the_longer_unchanged_comes_first():
    facts = project(items_waited_for=(item(1, waiting=2, changed=1), item(2, waiting=2, changed=9)))
    assert ids(facts) == [f"item:{uid(2)}", f"item:{uid(1)}"]


def test_the_item_that_woke_first_comes_first():
    facts = project(woken=(woken(1, parked=50, woke=1), woken(2, parked=10, woke=5)))
    assert ids(facts) == [f"item:{uid(2)}:wake", f"item:{uid(1)}:wake"]


def test_a_row_stores_the_facts_of_its_reason():
    (row,) = suggest(project(woken=(woken(3, parked=21, version=7),)), (), NOW)
    assert (row.subject, row.detail, row.since) == ("Mobile app", "budget unclear", days_ago(21))
    assert row.subject_version == 7


# What marks hide

STEP = f"question:{uid(1)}"


def test_a_done_step_is_hidden_until_its_subject_changes():
    done = Mark(STEP, "done", subject_version=1)
    assert ids(project(questions=(question(1, version=1),)), done) == []
    assert ids(project(questions=(question(1, version=2),)), done) == [STEP]


def test_a_step_snoozed_until_it_changes_comes_back_when_it_does():
    snoozed = Mark(STEP, "snoozed", subject_version=1)
    assert ids(project(questions=(question(1, version=1),)), snoozed) == []
    assert ids(project(questions=(question(1, version=2),)), snoozed) == [STEP]


def test_a_snooze_ends_at_its_moment():
    facts = project(questions=(question(1),))
    snoozed = Mark(STEP, "snoozed", 1, until=NOW + timedelta(days=1))
    assert suggest(facts, [snoozed], snoozed.until - timedelta(microseconds=1)) == ()
    assert [row.id for row in suggest(facts, [snoozed], snoozed.until)] == [STEP]


def test_done_has_no_end():
    assert ids(project(questions=(question(1),)), Mark(STEP, "done", 1, until=days_ago(1))) == []


def test_a_change_ends_a_snooze_before_its_moment():
    snoozed = Mark(STEP, "snoozed", 1, until=NOW + timedelta(days=7))
    assert ids(project(questions=(question(1, version=2),)), snoozed) == [STEP]


def test_the_project_step_comes_back_when_the_project_changes():
    done = Mark(f"project:{uid(999)}", "done", subject_version=1)
    assert ids(project(total=0, exploring=0, version=1), done) == []
    assert ids(project(total=0, exploring=0, version=2), done) == [f"project:{uid(999)}"]


def test_a_mark_hides_its_own_step_only():
    facts = project(woken=(woken(1),))
    assert ids(facts, Mark(f"item:{uid(1)}", "done", 1)) == [f"item:{uid(1)}:wake"]


def test_the_next_idle_item_stands_in_for_a_marked_one():
    facts = project(longest_idle=(item(1, changed=9), item(2, changed=3)))
    assert ids(facts, Mark(f"item:{uid(1)}", "done", 1)) == [f"item:{uid(2)}"]


def test_a_hidden_step_makes_room():
    facts = project(questions=tuple(question(n, asked=n) for n in range(1, 7)))
    assert f"question:{uid(1)}" not in ids(facts)
    assert f"question:{uid(1)}" in ids(facts, Mark(f"question:{uid(6)}", "done", 1))


def test_what_blocks_others_can_be_snoozed_and_still_counts():
    facts = project(items_waited_for=(item(1, waiting=4),))
    (row,) = hidden(facts, [Mark(f"item:{uid(1)}", "snoozed", 1)], NOW)
    assert (row.blocks_others, row.blocked_count) == (True, 4)


def test_every_marked_step_can_be_undone_also_beyond_the_five():
    facts = project(questions=tuple(question(n) for n in range(1, 9)))
    done = [Mark(f"question:{uid(n)}", "done", 1) for n in range(1, 9)]
    assert len(hidden(facts, done, NOW)) == 8


def test_a_mark_on_nothing_hides_nothing():
    assert hidden(project(), [Mark(STEP, "done", 1)], NOW) == ()


# What always holds


@given(project_facts(), marks, st.randoms(use_true_random=False))
def test_order_of_input_makes_no_difference(facts, marks, random):
    lists = ("questions", "items_waited_for", "blockers", "longest_idle", "woken", "contested")
    shuffled = {name: list(getattr(facts, name)) for name in lists}
    other_marks = list(marks)
    for values in (*shuffled.values(), other_marks):
        random.shuffle(values)
    other = replace(facts, **{name: tuple(values) for name, values in shuffled.items()})
    assert suggest(other, other_marks, NOW) == suggest(facts, marks, NOW)
    assert hidden(other, other_marks, NOW) == hidden(facts, marks, NOW)


@given(project_facts(), marks)
def test_at_most_five_ranked_and_one_for_each_subject(facts, marks):
    rows = suggest(facts, marks, NOW)
    ranks = [(PRIORITIES.index(row.priority), RULES.index(row.rule)) for row in rows]
    assert len(rows) <= MAX_STEPS
    assert ranks == sorted(ranks)
    assert len({row.id.removesuffix(":wake").removesuffix(":review") for row in rows}) == len(rows)
    assert [row.rule for row in rows].count("decide_idle") <= 1


@given(project_facts(), marks)
def test_what_is_hidden_is_never_shown(facts, marks):
    shown = {row.id for row in suggest(facts, marks, NOW)}
    undoable = hidden(facts, marks, NOW)
    assert shown.isdisjoint(row.id for row in undoable)
    assert {row.id for row in undoable} <= {mark.step_id for mark in marks}


@given(project_facts(), marks)
def test_blocking_is_high_and_only_blocking_is(facts, marks):
    for row in suggest(facts, marks, NOW):
        assert (row.priority == "high") == row.blocks_others
        assert row.blocked_count >= 0


@given(project_facts())
def test_marking_what_is_shown_brings_every_step_round(facts):
    marks = []
    while rows := suggest(facts, marks, NOW):
        marks += [Mark(row.id, "done", row.subject_version) for row in rows]
    assert len(hidden(facts, marks, NOW)) == len(marks)
