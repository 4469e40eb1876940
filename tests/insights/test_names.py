"""Names that read alike (case F10): what they are folded to, and what tells people apart."""

from __future__ import annotations

from uuid import UUID

import pytest

from sessions_app.insights.names import Named, folded_name, initials, is_blank, marks_apart, seen


@pytest.mark.parametrize(
    "alike",
    [
        "planneragent",
        "PLANNERAGENT",
        "Planner Agent",
        "Planner\u00a0Agent",
        "Planner\u3000Agent\n",
        "Planner\u200bAgent",
        "Planner\u2060Agent\ufeff",
        "\u202ePlannerAgent\u202c",
        "\u2066PlannerAgent\u2069",
        "Planner\u00adAgent",
        "Planner\u034fAgent",
        "PlannerAgent\ufe0f",
        "Planner\u3164Agent",
        "Planner\x00Agent",
        "ＰｌａｎｎｅｒＡｇｅｎｔ",
        "𝐏𝐥𝐚𝐧𝐧𝐞𝐫Agent",
    ],
)
def test_what_reads_alike_is_folded_alike(alike: str) -> None:
    assert folded_name(alike) == "planneragent"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoe\u0308", "Zoë"),
        ("Straße", "STRASSE"),
        ("ﬁn", "FIN"),
        ("\u212bngström", "ångström"),
        ("ΣΊΣΥΦΟΣ", "Σίσυφος"),
        # The order of two marks, and a joiner between letter and mark, are not seen.
        ("a\u0323\u0307", "a\u0307\u0323"),
        ("e\u200d\u0301", "é"),
        ("각", "\u1100\u1161\u11a8"),
    ],
)
def test_two_ways_to_write_one_name(one: str, other: str) -> None:
    assert folded_name(one) == folded_name(other)


@pytest.mark.parametrize("other", ["Zoe", "Zoë 2", "Ζoë", "Zoé", "Zö"])
def test_another_name_stays_another(other: str) -> None:
    assert folded_name(other) != folded_name("Zoë")


def test_only_what_is_seen_stands_for_a_name() -> None:
    """A mark that turns what follows it round is no initial."""
    assert seen("\u202eMina\u200b Ra") == "MinaRa"
    assert initials("\u202emina \u2066\u2069 \u200brahimi") == "MR"
    assert (initials("Ann"), initials("ann b. lee"), initials("")) == ("A", "AL", "")


def test_folding_twice_is_folding_once() -> None:
    # All alphabets, and the marks and tags far beyond them.
    for number in (*range(0x20000), *range(0xE0000, 0xE0200)):
        folded = folded_name(f"a{chr(number)}\u0301")
        assert folded_name(folded) == folded, hex(number)


def test_marks_on_top_of_marks_are_folded_in_no_time() -> None:
    assert len(folded_name("e" + "\u0301" * 10_000)) == 10_000


@pytest.mark.parametrize("blank", ["", " ", "\u200b", "\u3164\ufeff\u00a0", "\u202e\u202c", "\ufe0f"])
def test_what_cannot_be_seen_is_blank(blank: str) -> None:
    assert is_blank(blank)
    assert folded_name(blank) == ""


@pytest.mark.parametrize("seen", ["a", "\u200bx", "👩\u200d🚀", "—", "م"])
def test_what_can_be_seen_is_not(seen: str) -> None:
    assert not is_blank(seen)


def person(number: int, name: str, email: str) -> Named:
    return Named(UUID(int=number), name, email)


def test_namesakes_are_told_apart_by_their_mail() -> None:
    people = [
        person(1, "Ann Lee", "ann@example.org"),
        person(2, "ann\u200b lee", "lee@example.org"),
        person(3, "Bob", "bob@example.org"),
    ]
    assert marks_apart(people) == {UUID(int=1): "ann", UUID(int=2): "lee"}


def test_by_all_of_it_where_its_beginning_is_alike() -> None:
    people = [
        person(1, "Ann", "ann@example.org"),
        person(2, "Ann", "Ann@example.com"),
        person(3, "ANN", "other@example.org"),
    ]
    assert marks_apart(people) == {
        UUID(int=1): "ann@example.org",
        UUID(int=2): "Ann@example.com",
        UUID(int=3): "other",
    }


def test_whose_name_is_their_own_needs_no_mark() -> None:
    assert marks_apart([person(1, "Ann", "a@example.org"), person(2, "Bob", "a@example.com")]) == {}
