"""Roll-ups of any history: filled now and then, or built anew, they are what plain Python reckons."""

from __future__ import annotations

from uuid import UUID

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sessions_app import clock
from sessions_app.db import queries
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.services import rollups, sessions, tracking
from tests import factories
from tests.conftest import Cast
from tests.doing import DAY
from tests.services.reckoning import kept, lives, reckoned
from tests.services.test_histories import MINUTE, History, Step, gaps_in_time, numbers

OF_HISTORIES = (
    *("decide", "explore", "park", "supersede", "delete", "ask", "answer", "say"),
    *("start", "touch", "end", "keep_up"),
)
OF_ROLLUPS = ("sends", "fills")
verbs = st.sampled_from([*OF_HISTORIES, *OF_ROLLUPS, *OF_ROLLUPS])
steps = st.builds(Step, verbs, numbers, numbers, numbers, gaps_in_time)


@given(st.lists(steps, min_size=8, max_size=25))
@settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
def test_fills_now_and_then_and_one_rebuild_give_the_same(cast: Cast, happened: list[Step]) -> None:
    people = (cast.ann, cast.bob)
    history = History(people, factories.project(cast.ann, "History", editors=[cast.bob]))
    for number in range(2):
        history.run(Step("add", number, number, 1, MINUTE))
    for step in happened:
        if step.verb in OF_HISTORIES:
            history.run(step)
            continue
        history.now += step.after + MINUTE
        with clock.at(history.now):
            if step.verb == "sends":
                send(history, step)
            else:
                rollups.roll_up(history.project.id)
    digest_waiting([history.project.id])
    for person in people:
        with clock.at(history.now + MINUTE), acting_as(person.id):
            sessions.end_session(person.id, history.project.id)
    with clock.at(history.now + DAY):
        check_the_lives(history.project.id)
        rollups.roll_up(history.project.id)
        by_and_by = kept(history.project.id)
        assert by_and_by == reckoned(history.project.id)
        assert rollups.check(history.project.id) == []
        rollups.rebuild(history.project.id)
        assert kept(history.project.id) == by_and_by


def check_the_lives(project_id: UUID) -> None:
    """Half rolled up and half not, decisions stood for as long as they did."""
    with acting_as_system([project_id]):
        rows = queries.rows("decision_lives", {"project": project_id, "now": clock.now()})
        expected = lives(project_id).values()
    assert sorted((stood, row["end"]) for row in rows for stood in row["stood_seconds"]) == sorted(
        (((ended_at or clock.now()) - began_at).total_seconds(), end or "stands")
        for began_at, _actor_kind, ended_at, end in expected
    )


def send(history: History, step: Step) -> None:
    """Input from a page that is open, digested at once or (every third time) later."""
    person = history.person(step)
    with acting_as(person.id):
        tracking.track_activity(person.id, history.project.id)
    if step.other % 3:
        digest_waiting([history.project.id])
