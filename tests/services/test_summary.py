"""The summary's three-way split, by the worked example of the rules."""

from __future__ import annotations

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.ledger import Actor
from sessions_app.services import analytics, items, messages, sessions
from tests.conftest import Cast


def test_decided_since_last_is_split_as_in_the_worked_example(cast: Cast) -> None:
    """A, B decided before; Ann decides C and reopens A; away: D decided, E parked; back: A again."""
    project, ann, bob = cast.project.id, cast.actor("ann"), cast.actor("bob")

    def do(actor: Actor, verb, *args, **kwargs):
        with acting_as_system([project]):
            return verb(project, actor, *args, **kwargs)

    a, b, c, d, e = (do(bob, items.add_item, title=name).id for name in "ABCDE")
    do(bob, items.decide_item, a)
    do(bob, items.decide_item, b)
    do(bob, messages.post_message, text="That makes ten.")
    with acting_as(cast.ann.id):
        session, resumed = sessions.start_session(cast.ann.id, project)
        start = session.snapshot_at_start["version"]
        assert not resumed
        items.decide_item(project, ann, c)
        sessions.touch_session(cast.ann.id, project)
    with acting_as(cast.ann.id):
        items.explore_item(project, ann, a)
        sessions.touch_session(cast.ann.id, project)
        sessions.end_session(cast.ann.id, project)
    do(Actor.agent("GapDetectionAgent"), items.decide_item, d)
    do(bob, items.park_item, e, reason="Not now")
    with acting_as(cast.ann.id):
        session, _ = sessions.start_session(cast.ann.id, project)
        assert session.snapshot_at_start["version"] == start + 4
    with acting_as(cast.ann.id):
        items.decide_item(project, ann, a)
    with acting_as(cast.ann.id):
        summary = analytics.get_summary(cast.ann.id, project)
    assert summary["version"] == start + 5
    assert summary["itemsDecided"] == 3
    assert summary["itemsDecidedSplit"] == {"lastSession": 1, "away": 1, "thisSession": 1}
    assert (summary["currentDecided"], summary["itemsParked"], summary["itemsExploring"]) == (4, 1, 0)
