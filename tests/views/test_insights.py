"""The pages of figures and their files: what they count, whose, in whose days."""

from __future__ import annotations

import csv
import datetime as dt
import io
import statistics
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import clock
from sessions_app.db.rls import acting_as_system
from sessions_app.models import Membership, User
from sessions_app.panels import insight_charts, insights_page
from tests import factories
from tests.doing import add
from tests.rollup_rows import decided, filled, visited, worked
from tests.views.conftest import World, browse
from tests.views.test_queries import at_most

# A Thursday afternoon.
NOW = dt.datetime(2026, 11, 26, 14, 5, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _a_thursday() -> Iterator[None]:
    with clock.at(NOW):
        yield


def page(world: World, who: User, **query: str) -> dict[str, object]:
    answer = browse(who).get(world.path("project_insights"), query)
    assert answer.status_code == 200, answer.text
    return answer.context


def rows(world: World, who: User, table: str, **query: str) -> list[dict[str, str]]:
    answer = browse(who).get(world.path("project_insights_csv", table=table), query)
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def in_zone(who: User, zone: str) -> None:
    User.objects.filter(id=who.id).update(time_zone=zone)


def test_a_new_project_says_when_figures_appear(world: World) -> None:
    for who in (world.cast.ann, world.cast.vera):
        text = browse(who).get(world.path("project_insights")).text
        assert "Figures appear after the first ended session" in text
        assert '<svg class="chart"' not in text


def test_a_quiet_period_is_not_a_new_project(world: World) -> None:
    visited(world.cast.project, world.cast.ann, NOW - 200 * DAY)
    text = browse(world.cast.ann).get(world.path("project_insights")).text
    assert "Figures appear" not in text
    assert "None in this period" in text


def test_figures_are_those_of_the_sessions(world: World) -> None:
    """Against the standard library, by the file."""
    cast = world.cast
    spans = [60, 300, 1_000, 1_500, 9_000]
    for number, span in enumerate(spans):
        visited(cast.project, cast.bob, NOW - HOUR - number * DAY, span=span, active=50, decided=number % 2)
    visited(cast.project, cast.ann, NOW - 40 * DAY, span=77)
    by_name = {row["figure"]: row for row in rows(world, cast.ann, "figures")}
    length = by_name["Session length"]
    assert (length["unit"], length["n"], length["n_before"]) == ("seconds", "5", "1")
    assert float(length["median"]) == statistics.median(spans)
    assert float(length["mean"]) == statistics.fmean(spans)
    assert float(length["p95"]) == statistics.quantiles(spans, n=20, method="inclusive")[-1]
    assert float(length["median_before"]) == 77
    assert by_name["Items decided per session"]["mean"] == "0.4"
    assert by_name["Time to answer"]["median"] == ""


def test_owners_see_everybodys_sessions_and_others_their_own(world: World) -> None:
    cast = world.cast
    for number in range(3):
        visited(cast.project, cast.ann, NOW - HOUR - number * DAY)
    visited(cast.project, cast.bob, NOW - DAY)
    worked(cast.project, NOW - DAY, "item.decided", times=4)
    seen = {who.display_name: page(world, who) for who in (cast.ann, cast.bob, cast.vera)}
    assert {name: found["insights"].now.count for name, found in seen.items()} == {
        "Ann": 4,
        "Bob": 1,
        "Vera": 0,
    }
    assert {found["insights"].work.decided for found in seen.values()} == {4}
    assert [row[:2] for row in seen["Ann"]["rows"].rows] == [("Ann", 3), ("Bob", 1)]
    assert "rows" not in seen["Bob"]
    assert browse(cast.bob).get(world.path("project_insights_csv", table="people")).status_code == 404
    assert [row["person"] for row in rows(world, cast.ann, "people")] == ["Ann", "Bob"]
    assert sum(int(row["sessions"]) for row in rows(world, cast.bob, "days")) == 1


def test_a_session_belongs_to_the_day_it_began_where_the_reader_is(world: World) -> None:
    """Also past midnight. In Kathmandu, 5:45 ahead, it is the next day already."""
    cast = world.cast
    began = dt.datetime(2026, 11, 24, 18, 20, tzinfo=dt.UTC)
    visited(cast.project, cast.ann, began, span=8 * 3_600)
    for zone, day in (
        ("UTC", "2026-11-24"),
        ("Asia/Kathmandu", "2026-11-25"),
        ("Europe/Stockholm", "2026-11-24"),
    ):
        in_zone(cast.ann, zone)
        days = {row["day"]: row["sessions"] for row in rows(world, cast.ann, "days", days="7")}
        assert [each for each, sessions in days.items() if sessions == "1"] == [day], zone


def test_days_of_other_lengths(world: World) -> None:
    """25 October 2026 has 25 hours in Stockholm: its first and last quarter are both that day's."""
    cast = world.cast
    in_zone(cast.ann, "Europe/Stockholm")
    visited(cast.project, cast.ann, dt.datetime(2026, 10, 24, 22, 0, tzinfo=dt.UTC))
    visited(cast.project, cast.bob, dt.datetime(2026, 10, 25, 22, 45, tzinfo=dt.UTC))
    visited(cast.project, cast.vera, dt.datetime(2026, 10, 25, 23, 0, tzinfo=dt.UTC))
    found = rows(world, cast.ann, "days", **{"from": "2026-10-24", "to": "2026-10-26"})
    assert [(row["day"], row["sessions"], row["people"]) for row in found] == [
        ("2026-10-24", "0", "0"),
        ("2026-10-25", "2", "2"),
        ("2026-10-26", "1", "1"),
    ]


def test_the_period_before_has_the_same_days_of_the_week(world: World) -> None:
    """Of today only what is over is compared: yesterday's five o'clock is not there for today's two."""
    cast = world.cast
    visited(cast.project, cast.ann, NOW - 2 * DAY)
    visited(cast.project, cast.ann, NOW - 9 * DAY)
    visited(cast.project, cast.ann, NOW - 7 * DAY + 3 * HOUR)
    found = rows(world, cast.ann, "days", days="7")
    assert [(row["day"], row["sessions"], row["sessions_before"]) for row in found][-3:] == [
        ("2026-11-24", "1", "1"),
        ("2026-11-25", "0", "0"),
        ("2026-11-26", "0", "0"),
    ]
    text = browse(cast.ann).get(world.path("project_insights"), {"days": "30"}).text
    assert "5 weeks earlier" in " ".join(text.split())
    assert "Mondays stand beside Mondays" in text


def test_today_is_compared_with_the_same_quarters_of_an_hour(world: World) -> None:
    """Roll-ups are of quarters: at 10:01 what began at 10:14 a week ago is no part of the same hours."""
    cast = world.cast
    ten = dt.datetime(2026, 11, 26, 10, tzinfo=dt.UTC)
    visited(cast.project, cast.ann, ten - 7 * DAY + dt.timedelta(minutes=14))
    visited(cast.project, cast.ann, ten - 7 * DAY - dt.timedelta(minutes=1))
    with clock.at(ten + dt.timedelta(minutes=1)):
        [today] = rows(world, cast.ann, "days", days="7")[-1:]
    assert (today["day"], today["sessions_before"]) == ("2026-11-26", "1")


def test_both_periods_end_where_counting_does(world: World) -> None:
    """The worker stands still for three hours, then catches up; nothing else happens since."""
    cast = world.cast
    visited(cast.project, cast.ann, NOW - 7 * DAY - HOUR)
    visited(cast.project, cast.ann, NOW - 7 * DAY - 4 * HOUR)
    filled(cast.project, NOW - 5 * HOUR)
    with clock.at(NOW - 3 * HOUR):
        add(cast, "Not counted yet")
    found = page(world, cast.ann, days="7")["insights"]
    assert (found.counted_until, found.period.until) == (NOW - 3 * HOUR, NOW.replace(hour=11, minute=0))
    assert found.before.count == 1
    assert "11:00" in browse(cast.ann).get(world.path("project_insights")).text
    filled(cast.project, NOW - 2 * HOUR)
    found = page(world, cast.ann, days="7")["insights"]
    assert (found.counted_until, found.before.count) == (NOW, 2)


def test_who_decides_how_it_holds_and_how_long_questions_wait(world: World) -> None:
    cast = world.cast
    worked(cast.project, NOW - DAY, "item.decided", times=3)
    worked(cast.project, NOW - DAY, "item.decided", by="agent", times=1)
    worked(cast.project, NOW - DAY, "question.asked", by="agent", times=5)
    worked(cast.project, NOW - 2 * HOUR, "question.answered", times=2, waits=[60, 7_200])
    worked(cast.project, NOW - 40 * DAY, "item.decided", times=7)
    decided(cast.project, NOW - 10 * DAY, NOW - 8 * DAY, "reopened")
    decided(cast.project, NOW - 5 * DAY)
    found = page(world, cast.vera)
    assert dict(found["insights"].work.decisions) == {"user": 3, "agent": 1, "system": 0}
    assert found["insights"].work_before.decided == 7
    assert (found["insights"].stability.reopened, found["insights"].stability.decisions) == (1, 2)
    text = " ".join(browse(cast.vera).get(world.path("project_insights")).text.split())
    for words in ("4 decisions", "7 before", "1 h", "2.0 days half-life", "1 reopened, 0 superseded of 2"):
        assert words in text, words
    assert rows(world, cast.vera, "questions")[:2] == [
        {"what": "asked", "times": "5", "times_before": "0"},
        {"what": "answered", "times": "2", "times_before": "0"},
    ]
    assert [row["by_agents"] for row in rows(world, cast.vera, "decisions", days="7")] == [*"00000", "1", "0"]
    assert rows(world, cast.vera, "stability")[1] == {"after_seconds": "172800", "standing": "0.5"}


def test_of_many_decisions_taken_back_the_file_has_each(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says that it leaves some out."""
    monkeypatch.setattr(insight_charts, "FALLS_TOLD", 3)
    cast, note = world.cast, "the file has each"
    worked(cast.project, NOW - DAY, "item.decided")
    for count, told, is_noted in ((3, 3, False), (8, 3, True)):
        for number in range(count):
            decided(cast.project, NOW - 10 * DAY, NOW - 10 * DAY + (number + 1) * DAY, "reopened")
        answer = browse(cast.vera).get(world.path("project_insights"))
        assert len(answer.context["work"][0].table.rows) == 1 + told
        assert (note in answer.text) == is_noted
    assert len(rows(world, cast.vera, "stability")) == 1 + 8


def test_every_figure_says_what_it_means_and_has_its_table(world: World) -> None:
    visited(world.cast.project, world.cast.ann, NOW - DAY)
    filled(world.cast.project, NOW)
    in_zone(world.cast.ann, "Asia/Kathmandu")
    answer = browse(world.cast.ann).get(world.path("project_insights"))
    cards = [
        answer.context["visits"],
        *answer.context["sessions"],
        answer.context["deciders"],
        *answer.context["work"],
    ]
    for card in cards:
        assert card.definition.meaning in answer.text
        assert card.definition.computed in answer.text
        name = card.table.name
        assert f"insights/{name}.csv?days=30" in answer.text
        assert browse(world.cast.ann).get(world.path("project_insights_csv", table=name)).status_code == 200
    assert "Counted up to" in answer.text
    assert ">19:45today<" in answer.text.replace("\n", "").replace(" ", "")


def test_ones_own_page_has_a_row_for_each_project(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = world.cast
    second = factories.project(cast.bob, "=Second")
    visited(cast.project, cast.bob, NOW - DAY, decided=2)
    visited(second, cast.bob, NOW - 2 * DAY)
    visited(second, cast.bob, NOW - 3 * DAY)
    visited(cast.project, cast.ann, NOW - DAY)
    visited(cast.other, cast.zoe, NOW - DAY)
    browser = browse(cast.bob)
    answer = browser.get("/insights/")
    assert answer.context["insights"].now.count == 3
    assert [row[:2] for row in answer.context["rows"].rows] == [("=Second", 2), ("Lighthouse", 1)]
    assert "Zoe's own" not in answer.text
    monkeypatch.setattr(insights_page, "PROJECTS_SHOWN", 1)
    few = browser.get("/insights/")
    assert (len(few.context["rows"].rows), few.context["rows_more"]) == (1, 1)
    file = b"".join(browser.get("/insights/projects.csv").streaming_content).decode()
    assert file.splitlines()[1].startswith("'=Second,2,")
    assert len(file.splitlines()) == 3
    assert browser.get("/insights/days.csv", {"days": "7"}).status_code == 200
    for table in ("people", "decisions", "answers", "nothing"):
        assert browser.get(f"/insights/{table}.csv").status_code == 404, table


def test_whoever_leaves_sees_no_more_of_it(world: World) -> None:
    cast = world.cast
    visited(cast.project, cast.bob, NOW - DAY)
    with acting_as_system([cast.project.id]):
        Membership.objects.filter(project=cast.project, user=cast.bob).delete()
    assert not browse(cast.bob).get("/insights/").context["insights"].is_begun


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"days": "8"}, "Days must be one of"),
        ({"days": "7", "from": "2026-11-01"}, "Days is given without dates"),
        ({"from": "2026-02-30"}, "From must be a date like"),
        ({"from": "2026-11-20", "to": "2026-11-01"}, "From must not be after the last day"),
        ({"to": "2100-01-01"}, "To must be from 2000-01-01 to today"),
    ],
)
def test_bad_input_names_the_field(world: World, query: dict[str, str], words: str) -> None:
    browser = browse(world.cast.ann)
    addresses = (
        *(world.path("project_insights"), world.path("project_insights_csv", table="days")),
        *("/insights/", "/insights/days.csv"),
    )
    for path in addresses:
        answer = browser.get(path, query)
        assert answer.status_code == 422, path
        assert words in answer.text
    assert browser.get(world.path("project_insights_csv", table="nothing")).status_code == 404


def test_the_cost_does_not_grow_with_the_sessions(world: World) -> None:
    cast, browser = world.cast, browse(world.cast.ann)
    path = world.path("project_insights")
    visited(cast.project, cast.ann, NOW - DAY)
    browser.get(path)
    with CaptureQueriesContext(connection) as few:
        browser.get(path)
    for number in range(40):
        visited(cast.project, cast.bob, NOW - HOUR - number * DAY)
    with at_most(len(few)):
        assert browser.get(path, {"days": "90"}).context["insights"].now.count == 41
