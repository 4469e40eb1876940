"""Who is here: people by name, and by more where two share it."""

from __future__ import annotations

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
