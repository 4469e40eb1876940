"""What counts as being there: page loads and one's own verbs, and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.ledger import Actor
from sessions_app.models import Session
from sessions_app.services import analytics, items, sessions
from tests.conftest import Cast
from tests.doing import HOUR, NINE
from tests.views.conftest import browse

MINUTE = dt.timedelta(minutes=1)


def sessions_of_ann(cast: Cast) -> list[Session]:
    with acting_as_system([cast.project.id]):
        return list(Session.objects.of(cast.ann.id, cast.project.id).order_by("session_start"))


def test_ending_twice_leaves_the_absence_as_it_was(cast: Cast) -> None:
    """The second End, of an old tab, must not make an empty session that would be the last one."""
    ann, page = browse(cast.ann), f"/projects/{cast.project.id}/"
    ann.get(page)
    ann.post(f"{page}session/end/")
    with acting_as_system([cast.project.id]):
        item = items.add_item(cast.project.id, cast.actor("bob"), title="Lamp")
        items.decide_item(cast.project.id, cast.actor("bob"), item.id)
    assert ann.post(f"{page}session/end/").status_code == 302
    assert len(sessions_of_ann(cast)) == 1
    with acting_as(cast.ann.id):
        summary = analytics.get_summary(cast.ann.id, cast.project.id)
    assert (summary["itemsDecided"], summary["itemsDecidedSplit"]["away"]) == (1, 1)


def test_reading_other_pages_keeps_the_session_alive(cast: Cast) -> None:
    """A person who reads for an hour, a page every twenty minutes, has been there all the time."""
    ann, page = browse(cast.ann), f"/projects/{cast.project.id}/"
    with clock.at(NINE):
        ann.get(page)
    for minutes in (20, 40, 60):
        with clock.at(NINE + minutes * MINUTE):
            ann.get(f"{page}decided/")
    assert [session.last_activity for session in sessions_of_ann(cast)] == [NINE + HOUR]


@pytest.mark.parametrize("headers", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}])
def test_what_a_browser_fetches_ahead_is_no_visit(cast: Cast, headers: dict[str, str]) -> None:
    assert browse(cast.ann).get(f"/projects/{cast.project.id}/", headers=headers).status_code == 200
    assert sessions_of_ann(cast) == []


def test_what_a_page_fetches_by_itself_is_no_activity(cast: Cast) -> None:
    ann, page = browse(cast.ann), f"/projects/{cast.project.id}/"
    with clock.at(NINE):
        ann.get(page)
    with clock.at(NINE + 10 * MINUTE):
        ann.get(f"{page}panels/stats/", headers={"HX-Request": "true"})
    assert sessions_of_ann(cast)[0].last_activity == NINE


def test_an_agents_decision_is_told_as_one(cast: Cast) -> None:
    """The sentence on top: how many were decided since, how many by agents, how many reopened."""
    ann, page, project = browse(cast.ann), f"/projects/{cast.project.id}/", cast.project.id
    with acting_as_system([project]):
        old = items.add_item(project, cast.actor("bob"), title="Old")
        items.decide_item(project, cast.actor("bob"), old.id)
    ann.get(page)
    ann.post(f"{page}session/end/")
    with acting_as_system([project]):
        item = items.add_item(project, cast.actor("bob"), title="Lamp")
        items.decide_item(project, Actor.agent("VerificationAgent"), item.id)
        items.explore_item(project, cast.actor("bob"), old.id, reason="Again")
    summary = ann.get(page).context["summary"]
    assert summary.sentence.endswith(": 1 decided, by an agent, 1 reopened.")


def test_a_time_zone_that_is_none_any_more_locks_nobody_out(cast: Cast) -> None:
    cast.ann.time_zone = "Mars/Olympus"
    cast.ann.save()
    assert browse(cast.ann).get("/").status_code == 200


def test_sessions_of_a_reader_end_by_idleness_all_the_same(cast: Cast) -> None:
    with acting_as(cast.vera.id):
        with clock.at(NINE):
            sessions.start_session(cast.vera.id, cast.project.id)
        with clock.at(NINE + 2 * HOUR):
            session, resumed = sessions.start_session(cast.vera.id, cast.project.id, resume=True)
    assert not resumed
    assert session.session_start == NINE + 2 * HOUR
