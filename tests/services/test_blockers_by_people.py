"""Blockers that people raise: on whom or what they wait, and each way in which they clear."""

from __future__ import annotations

import uuid

import pytest
from django.db import DatabaseError

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_admin
from sessions_app.models import Blocker, User
from sessions_app.models.questions import ASKED_TEXT_MAX_CHARACTERS
from sessions_app.panels import blockers as panel
from sessions_app.panels import questions as needs_you
from sessions_app.services import analytics, blockers, dependencies, items, members, people
from sessions_app.services.errors import Conflict, NotAllowed, NotFound
from tests.conftest import Cast
from tests.doing import (
    DAY,
    HOUR,
    NINE,
    NOT_TEXT,
    add,
    again,
    as_system,
    by_agent,
    counter,
    do,
    kinds,
    ledger,
    nothing_changes,
    refused_field,
    report,
    seeing,
    the,
)


def test_a_person_says_what_is_stuck(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    before = counter(cast).version
    blocker = stuck(cast, "  No money  ", kind="decision", blocks=[lamp.id], waits_for=cast.bob.id)
    row = again(blocker)
    assert (row.source, row.type, row.text, row.raised_by_id) == (
        "person",
        "decision",
        "No money",
        cast.ann.id,
    )
    assert (row.waits_for_id, row.item_id, row.waits_until) == (cast.bob.id, None, None)
    assert (counter(cast).version, counter(cast).blockers_open) == (before + 1, 1)
    (fact,) = ledger(cast, before)
    assert (fact.kind, fact.actor_id, fact.blocker_id) == ("blocker.raised", cast.ann.id, blocker.id)
    assert fact.data == {
        "text": "No money",
        "type": "decision",
        "source": "person",
        "items": [str(lamp.id)],
        "waits_for": str(cast.bob.id),
    }


def test_what_does_not_fit_is_refused_by_its_field(cast: Cast) -> None:
    lamp, horn = add(cast, "Lamp", "Horn")
    do(cast, "bob", items.decide_item, horn.id)
    with acting_as(cast.zoe.id):
        other = items.add_item(cast.other.id, cast.actor("zoe"), title="Zoe's")
    for text in ("", " \n", "x" * (ASKED_TEXT_MAX_CHARACTERS + 1), *NOT_TEXT):
        assert refused(cast, text=text) == "text"
    assert refused(cast, kind="mood") == "type"
    for stranger in (other.id, uuid.uuid4()):
        assert refused(cast, blocks=[stranger]) == "blocks"
        assert refused(cast, waits_on_item=stranger) == "waits_on_item"
    for nobody in (cast.zoe.id, uuid.uuid4()):
        assert refused(cast, waits_for=nobody) == "waits_for"
    assert refused(cast, waits_on_item=horn.id) == "waits_on_item", "it is decided"
    assert refused(cast, blocks=[lamp.id], waits_on_item=lamp.id) == "waits_on_item"
    with clock.at(NINE):
        assert refused(cast, waits_until=NINE) == "waits_until"
        two = {"waits_for": cast.bob.id, "waits_until": NINE + DAY}
        assert refused(cast, **two) == "waits_until"
        assert refused(cast, waits_for=cast.bob.id, waits_on_item=lamp.id) == "waits_on_item"


def test_no_two_wait_for_each_other(cast: Cast) -> None:
    """Neither by a dependency nor by another blocker, also round a corner; and the other way round."""
    lamp, horn, bell = add(cast, "Lamp", "Horn", "Bell")
    do(cast, "bob", dependencies.add_dependency, waiting_id=horn.id, blocking_id=lamp.id)
    assert refused(cast, blocks=[lamp.id], waits_on_item=horn.id) == "waits_on_item"
    stuck(cast, "First the horn", blocks=[bell.id], waits_on_item=horn.id)
    assert refused(cast, blocks=[lamp.id], waits_on_item=bell.id) == "waits_on_item"
    edge = {"waiting_id": lamp.id, "blocking_id": bell.id}
    assert refused_field(do, cast, "bob", dependencies.add_dependency, **edge) == "blocking"
    do(cast, "bob", blockers.clear_blocker, the(Blocker, cast, source="person").id)
    do(cast, "bob", dependencies.add_dependency, **edge)


def test_the_same_twice_is_told(cast: Cast) -> None:
    """While it is open. An agent that says the same words says something of its own."""
    blocker = stuck(cast, "No money")
    with nothing_changes(), pytest.raises(Conflict):
        do(cast, "bob", blockers.raise_blocker_by_person, text="NO  money", waits_for=cast.bob.id)
    by_the_agent = as_system(cast, blockers.raise_blocker, "Scout", text="No money")
    assert by_the_agent.id != blocker.id
    do(cast, "bob", blockers.dismiss_blocker, blocker.id)
    assert stuck(cast, "No money").id != blocker.id, "said again by a person it matters again"


def test_an_outsider_raises_nothing(cast: Cast) -> None:
    with nothing_changes(), pytest.raises(DatabaseError):
        do(cast, "zoe", blockers.raise_blocker_by_person, text="Mine")


# --- each way in which it clears -----------------------------------------------------------------


def test_it_clears_when_what_it_waits_on_is_decided(cast: Cast) -> None:
    lamp, day = add(cast, "Lamp", "Date of the opening day")
    blocker = stuck(cast, "No date yet", blocks=[lamp.id], waits_on_item=day.id)
    do(cast, "bob", items.park_item, day.id)
    assert again(blocker).status == "open", "parked is not decided"
    before = counter(cast).version
    do(cast, "bob", items.decide_item, day.id)
    assert (again(blocker).status, again(blocker).ended_by_id) == ("cleared", cast.bob.id)
    assert again(blocker).ended_how == "“Date of the opening day” was decided"
    assert kinds(cast, before) == ["item.decided", "blocker.cleared"]


def test_an_agents_decision_clears_it_too(cast: Cast) -> None:
    (day,) = add(cast, "x" * 300)
    blocker = stuck(cast, "No date yet", waits_on_item=day.id)
    by_agent(cast, "Scout", items.decide_item, day.id)
    assert again(blocker).ended_how == f"“{'x' * 300}” was decided"


def test_it_clears_when_what_it_waits_on_is_gone(cast: Cast) -> None:
    (day,) = add(cast, "The day")
    blocker = stuck(cast, "No date yet", waits_on_item=day.id)
    do(cast, "bob", items.delete_item, day.id)
    assert (again(blocker).status, again(blocker).ended_how) == ("cleared", "“The day” was deleted")


def test_it_clears_when_its_day_comes(cast: Cast) -> None:
    with clock.at(NINE):
        blocker = stuck(cast, "The paint dries", waits_until=NINE + HOUR)
    assert as_system(cast, blockers.clear_due, NINE + HOUR / 2) == 0
    before = counter(cast).version
    assert as_system(cast, blockers.clear_due, NINE + HOUR) == 1
    assert as_system(cast, blockers.clear_due, NINE + DAY) == 0
    assert (again(blocker).status, again(blocker).ended_how) == ("cleared", "its day came")
    assert [row.actor_kind for row in ledger(cast, before)] == ["system"]


@pytest.mark.parametrize("kind", ["information", "decision", "clarification"])
def test_it_clears_when_all_it_stops_is_decided(cast: Cast, kind: str) -> None:
    """Of whatever type: a person said what it stops, and that is stopped no more."""
    lamp, horn = add(cast, "Lamp", "Horn")
    blocker = stuck(cast, "No money", kind=kind, blocks=[lamp.id, horn.id], waits_for=cast.bob.id)
    do(cast, "bob", items.decide_item, lamp.id)
    assert again(blocker).status == "open"
    do(cast, "bob", items.delete_item, horn.id)
    assert (again(blocker).status, again(blocker).ended_how) == ("cleared", "“Horn” was deleted")


def test_whom_it_waits_for_says_that_it_is_done(cast: Cast) -> None:
    """Whatever their role; twice is once, and nobody else may."""
    blocker = stuck(cast, "The fire service's letter", waits_for=cast.vera.id)
    for other in ("ann", "bob"):
        with nothing_changes(), pytest.raises(NotAllowed):
            do(cast, other, blockers.say_done, blocker.id)
    before = counter(cast).version
    do(cast, "vera", blockers.say_done, blocker.id)
    do(cast, "vera", blockers.say_done, blocker.id)
    ended = again(blocker)
    assert (ended.status, ended.ended_how, ended.ended_by_id) == ("cleared", "done", cast.vera.id)
    assert kinds(cast, before) == ["blocker.cleared"]


def test_what_ended_otherwise_is_not_done(cast: Cast) -> None:
    blocker = stuck(cast, "The letter", waits_for=cast.bob.id)
    do(cast, "ann", blockers.dismiss_blocker, blocker.id)
    with nothing_changes(), pytest.raises(Conflict, match="dismissed meanwhile"):
        do(cast, "bob", blockers.say_done, blocker.id)
    with nothing_changes(), pytest.raises(NotFound):
        do(cast, "bob", blockers.say_done, uuid.uuid4())
    nobodys = stuck(cast, "No money")
    with nothing_changes(), pytest.raises(NotAllowed):
        do(cast, "bob", blockers.say_done, nobodys.id)


def test_anybody_who_writes_clears_it_by_hand(cast: Cast) -> None:
    blocker = stuck(cast, "No money", waits_for=cast.bob.id)
    do(cast, "ann", blockers.clear_blocker, blocker.id)
    assert (again(blocker).status, again(blocker).ended_how) == ("cleared", "by hand")


def test_a_new_item_may_fill_it_but_no_agent_resolves_it(cast: Cast) -> None:
    blocker = stuck(cast, "Nobody knows the tides")
    report(cast, "Scout", {"resolves": [str(blocker.id)]})
    assert again(blocker).status == "open", "what a person said, people take back"
    do(cast, "bob", items.add_item, title="A table of the tides", fills=[blocker.id])
    assert again(blocker).ended_how == "item added: A table of the tides"


# --- whoever it waits for leaves -----------------------------------------------------------------


@pytest.mark.parametrize("how", ["leaves", "is removed", "is erased"])
def test_it_outlives_whom_it_waits_for(cast: Cast, how: str) -> None:
    """It stays, says that nobody is named any more, and becomes everybody's step."""
    blocker = stuck(cast, "The letter", waits_for=cast.bob.id)
    with seeing(cast) as view:
        assert waits(view).on == "person"
        assert steps_of(view) == []
    if how == "is erased":
        erase(cast.bob)
    else:
        do(cast, "bob" if how == "leaves" else "ann", members.remove_member, cast.bob.id)
    assert again(blocker).status == "open"
    with seeing(cast) as view:
        assert waits(view) == panel.Waits("nobody")
        assert panel.open_page(view, "")["blockers"][0].waits == panel.Waits("nobody")
        assert steps_of(view) == ["supply_missing"]


def test_whoever_comes_back_is_waited_for_again(cast: Cast) -> None:
    stuck(cast, "The letter", waits_for=cast.bob.id)
    do(cast, "ann", members.remove_member, cast.bob.id)
    with acting_as(cast.ann.id):
        _invitation, secret = members.invite(cast.project.id, cast.ann, role="viewer")
    with acting_as(cast.bob.id):
        members.accept_invitation(cast.bob, secret)
    with seeing(cast, "bob") as view:
        assert waits(view).on == "you"


def test_erasing_takes_a_persons_own_words_along(cast: Cast) -> None:
    (lamp,) = add(cast, "Lamp")
    blocker = do(cast, "bob", blockers.raise_blocker_by_person, text="My secret", blocks=[lamp.id])
    erase(cast.bob)
    assert again(blocker).text == "(erased)"
    assert "My secret" not in str([row.data for row in ledger(cast)])


# --- what everybody sees of it -------------------------------------------------------------------


def test_it_is_a_step_of_whom_it_waits_for_and_of_nobody_else(cast: Cast) -> None:
    lamp, _horn = add(cast, "Lamp", "Horn")
    stuck(cast, "Ring the printer", blocks=[lamp.id], waits_for=cast.bob.id)
    stuck(cast, "Sweep the yard", waits_for=cast.bob.id)
    with seeing(cast, "bob") as view:
        first, second = view.summary.raw["suggestedNextSteps"][:2]
        assert [row.text for row in needs_you.context(view)["yours"]] == [
            "Ring the printer",
            "Sweep the yard",
        ]
        assert needs_you.context(view)["needs_you"] == 2
    assert [(s["rule"], s["priority"], s["detail"]) for s in (first, second)] == [
        ("do_yours", "high", "Ann"),
        ("do_yours", "medium", "Ann"),
    ]
    for who in ("ann", "vera"):
        with seeing(cast, who) as view:
            assert steps_of(view) == []
            assert needs_you.context(view)["yours"] == []
            assert panel.context(view)["blockers"][0].waits == panel.Waits("person", name="Bob")
    facts = as_system(cast, lambda project_id: analytics.step_facts(None, project_id))
    assert facts["waitsForYou"] == facts["blockers"] == []


def test_ones_own_note_names_nobody(cast: Cast) -> None:
    do(cast, "bob", blockers.raise_blocker_by_person, text="Ring the printer", waits_for=cast.bob.id)
    with seeing(cast, "bob") as view:
        assert view.summary.raw["suggestedNextSteps"][0]["detail"] == ""


def test_what_waits_for_you_comes_first_though_it_stops_less(cast: Cast) -> None:
    lamp, horn = add(cast, "Lamp", "Horn")
    stuck(cast, "No money", blocks=[lamp.id, horn.id])
    stuck(cast, "The letter", waits_for=cast.bob.id)
    for who, first in (("bob", "The letter"), ("ann", "No money")):
        with seeing(cast, who) as view:
            assert panel.context(view)["blockers"][0].text == first


def test_an_item_that_it_waits_on_is_to_be_decided(cast: Cast) -> None:
    """Counted once, though a dependency says the same of one of them."""
    lamp, horn, day = add(cast, "Lamp", "Horn", "The day")
    do(cast, "bob", dependencies.add_dependency, waiting_id=lamp.id, blocking_id=day.id)
    stuck(cast, "No date yet", blocks=[lamp.id, horn.id], waits_on_item=day.id)
    with seeing(cast) as view:
        step = view.summary.raw["suggestedNextSteps"][0]
        assert steps_of(view) == []
        (told,) = [row for row in panel.open_page(view, "")["blockers"] if row.source == "person"]
    assert (step["rule"], step["subject"], step["blocked_count"]) == ("decide_waited_for", "The day", 2)
    assert told.waits.item == panel.ItemNamed(day.id, "The day")


def test_a_day_is_nobodys_step(cast: Cast) -> None:
    until = clock.now() + DAY
    stuck(cast, "The paint dries", waits_until=until)
    with seeing(cast) as view:
        assert steps_of(view) == []
        assert waits(view) == panel.Waits("day", until=until)
        assert panel.open_page(view, "")["blockers"][0].waits == panel.Waits("day", until=until)


def stuck(cast: Cast, text: str, **more: object) -> Blocker:
    """A blocker raised by Ann."""
    return do(cast, "ann", blockers.raise_blocker_by_person, text=text, **more)


def erase(person: User) -> None:
    with acting_as_admin():
        people.erase_person(person.id)


def refused(cast: Cast, **given: object) -> str:
    return refused_field(do, cast, "ann", blockers.raise_blocker_by_person, **{"text": "No money", **given})


def waits(view) -> panel.Waits:
    """On whom or what the panel's first blocker waits."""
    return panel.context(view)["blockers"][0].waits


def steps_of(view) -> list[str]:
    """The rules of the steps that are about blockers."""
    steps = view.summary.raw["suggestedNextSteps"]
    return [step["rule"] for step in steps if step["id"].startswith("blocker:")]
