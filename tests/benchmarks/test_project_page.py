"""The project page with few and with many items, beside a bare Django page of the same size."""

from __future__ import annotations

import json
import statistics

import pytest

from tests.benchmarks.client import drive, request
from tests.benchmarks.goals import Goals
from tests.benchmarks.serving import SERVERS, Served, served
from tests.faults.product import Person, Stage
from tests.running import work_log

TOPIC = "project page"
SIZES = (10, 5_000)
LOADS = 20
MOST_COLD, MOST_WARM = 3.0, 1.5


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_the_project_page_beside_a_bare_page(goals: Goals) -> None:
    with served() as leftoff:
        stage = leftoff.product.settle(people=2)
        pages = {size: _imported(leftoff, stage, size) for size in SIZES}
        for server in SERVERS:
            stock = leftoff.beside("tests.benchmarks.stock_site:application", server)
            for size, page in pages.items():
                # Anew for each: a connection that stands still for 5 s is closed.
                reader, speaker = (person.at(leftoff.ports[server]) for person in stage.people)
                _beside(goals, f"{size:,} items, {server}", page, reader, speaker, stock)
                reader.close()
                speaker.close()


def _imported(leftoff: Served, stage: Stage, size: int) -> str:
    """The path of a project with so many ideas, of which both people are members."""
    source = work_log(leftoff.product.folder / f"{size}.jsonl", size)
    arguments = ("--project", f"{size} items", "--owner", stage.owner, "--json")
    report = leftoff.product.manage("import_project", str(source), *arguments)
    project = json.loads(report.stdout)["project"]
    with leftoff.product.oracle("postgres") as oracle:
        oracle.execute(
            """
            insert into memberships (id, project_id, user_id, role, version, created_at)
            values (gen_random_uuid(), %s, %s, 'editor', 1, now())
            """,
            [project, stage.people[1].id],
        )
    return f"/projects/{project}/"


def _beside(goals: Goals, what: str, page: str, reader: Person, speaker: Person, stock: int) -> None:
    """One reader again and again; cold: after somebody said something; and a bare page as large."""
    status, text = reader.get(page)
    assert status == 200, text
    size = len(text.encode())
    cookie = {"Cookie": reader.cookie_header()}
    ours, bare = request(page, cookie), request(f"/stock/page/{size}/", cookie)
    times: dict[str, list[float]] = {"warm": [], "cold": [], "bare": []}
    for number in range(LOADS):
        times["warm"].append(_once(reader.port, ours))
        times["bare"].append(_once(stock, bare))
        assert speaker.post(f"{page}messages/", {"text": f"News {number}"})[0] == 302
        times["cold"].append(_once(reader.port, ours))
        # What somebody said may have put more on the page: shown once, it is warm again.
        _once(reader.port, ours)
    medians = {name: statistics.median(values) * 1000 for name, values in times.items()}
    for name, median in medians.items():
        goals.figure(TOPIC, f"{name}, {size / 1000:.0f} kB, {what}", median, "ms")
    for name, limit in (("cold", MOST_COLD), ("warm", MOST_WARM)):
        goals.at_most(TOPIC, f"{name} to a bare page, {what}", medians[name] / medians["bare"], limit, "x")


def _once(port: int, asked: bytes) -> float:
    """Seconds until the whole answer is there."""
    return drive(port, [asked], in_flight=1).median
