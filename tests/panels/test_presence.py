"""Who is here: people by name, and by more where two share it."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from sessions_app.models import User
from sessions_app.panels import presence
from sessions_app.services.presence import note_present
from tests.conftest import Cast
from tests.doing import as_system, seeing


def test_two_who_share_a_name_are_told_apart(cast: Cast) -> None:
    """Case F10."""
    User.objects.filter(id=cast.vera.id).update(display_name="BOB")
    here = [(cast.project.id, person.id) for person in (cast.ann, cast.bob, cast.vera)]
    as_system(cast, lambda _project_id: note_present(uuid4(), here))
    with seeing(cast) as view:
        shown = presence.context(view)["presence"]
    assert {(present.name, present.mark) for present in shown} == {
        ("Ann", ""),
        ("Bob", "bob"),
        ("BOB", "vera"),
    }


def test_of_many_a_few_are_named_and_all_counted(cast: Cast) -> None:
    """Else everybody were sent everybody's name whenever somebody comes."""
    many = [{"id": str(uuid4()), "name": f"Person {number:03}"} for number in range(presence.MOST_NAMED + 5)]
    with seeing(cast) as view:
        crowded = replace(view, here={"people": many, "agents": ["planner"]})
        shown = presence.context(crowded)
        more = replace(
            view, here={"people": [*many, {"id": str(uuid4()), "name": "Zoe"}], "agents": ["planner"]}
        )
        assert presence.key(crowded) != presence.key(more)
    names = [present.name for present in shown["presence"]]
    assert names == [*(person["name"] for person in many[: presence.MOST_NAMED]), "planner"]
    assert shown["people_in_all"] == len(many)
