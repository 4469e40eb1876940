"""What is asked as missing, what is asked first, and how little at a time."""

from __future__ import annotations

from uuid import UUID

import pytest

from sessions_app.insights.gaps import MOST_NEW, MOST_OPEN, Facts, Gap, ItemFact, choose, find


def item(number: int, title: str, outcome: str = "") -> ItemFact:
    return ItemFact(UUID(int=number), title, outcome)


def asked(number: int, kind: str = "idle") -> Gap:
    return Gap(kind, f"{kind}:{number}", "What about it?")


def test_nothing_is_missing_from_nothing() -> None:
    assert find(Facts()) == []


def test_each_kind_is_asked_as_a_question() -> None:
    found = find(
        Facts(
            exploring=[item(1, "Closed on Sundays")],
            decided=[item(2, "Open on Sundays")],
            waited_for=[item(3, "Rent the hall")],
            unexplained=[item(4, "Larger print")],
            idle=[item(5, "A night bus")],
        )
    )
    assert [gap.kind for gap in found] == ["contradiction", "waiting", "reason", "idle"]
    assert [gap.question for gap in found] == [
        "“Closed on Sundays” is being explored, but “Open on Sundays” was decided. Can both stand?",
        "Other items wait for “Rent the hall”. What keeps it from being decided?",
        "“Larger print” was decided without a reason. What was it?",
        "Nothing has moved on “A night bus” for two weeks or more. Is it still to be explored?",
    ]


def test_a_subject_is_the_same_however_the_title_changes() -> None:
    [before] = find(Facts(idle=[item(5, "A night bus")]))
    [after] = find(Facts(idle=[item(5, "A bus at night")]))
    assert before.subject == after.subject


def test_what_was_rejected_is_contradicted_by_what_is_the_same() -> None:
    rejected = item(2, "A paper catalogue", "Rejected")
    [gap] = find(Facts(exploring=[item(1, "A paper catalogue again")], decided=[rejected]))
    assert "was rejected" in gap.question
    assert not find(
        Facts(exploring=[item(1, "A paper catalogue again")], decided=[item(2, "A paper catalogue")])
    )


def test_an_idle_item_that_others_wait_for_is_asked_about_once() -> None:
    hall = item(1, "Rent the hall")
    assert [gap.kind for gap in find(Facts(waited_for=[hall], idle=[hall]))] == ["waiting"]


def test_items_that_only_share_a_word_are_no_contradiction() -> None:
    facts = Facts(exploring=[item(1, "Open a bar")], decided=[item(2, "Closed on Sundays")])
    assert find(facts) == []


def test_few_are_asked_at_a_time_and_few_of_a_kind() -> None:
    many = [asked(number, "contradiction") for number in range(9)] + [asked(number) for number in range(9)]
    chosen = choose(many, known=(), open_now=0)
    assert len(chosen) == MOST_NEW
    assert [gap.kind for gap in chosen] == ["contradiction", "contradiction", "idle"]


@pytest.mark.parametrize(
    ("open_now", "asks"), [(0, 3), (MOST_OPEN - 2, 2), (MOST_OPEN - 1, 1), (MOST_OPEN, 0), (9, 0)]
)
def test_open_questions_leave_less_room(open_now: int, asks: int) -> None:
    found = [asked(1, "contradiction"), asked(2, "waiting"), asked(3, "reason"), asked(4, "idle")]
    assert len(choose(found, known=(), open_now=open_now)) == asks


def test_what_is_known_makes_room_for_the_next() -> None:
    chosen = choose([asked(1), asked(2), asked(2)], known={"idle:1"}, open_now=0)
    assert [gap.subject for gap in chosen] == ["idle:2"]
