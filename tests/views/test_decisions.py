"""The decision log's page and files."""

from __future__ import annotations

import asyncio
import csv
import io
import zipfile
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse
from redis.exceptions import RedisError

from sessions_app.importers.adr import read_adr
from sessions_app.models import Item
from sessions_app.panels import decision_files
from sessions_app.services import items, limits, members
from tests.doing import add, by_agent, do, the
from tests.views.conftest import World, browse


def decide(world: World, *titles: str) -> None:
    for item in add(world.cast, *titles):
        do(world.cast, "bob", items.decide_item, item.id, reason=f"Why {item.title}", outcome="accepted")


def test_the_page_tells_what_who_and_why(world: World) -> None:
    decide(world, "Hall <b>")
    page = browse(world.cast.vera).get(world.path("decisions")).text
    for words in ("Hall &lt;b&gt;", "Why Hall &lt;b&gt;", "Bob", "Decisions made", "not reached"):
        assert words in page, words
    assert "<b>Why" not in page


def test_an_empty_log_says_so(world: World) -> None:
    browser = browse(world.cast.ann)
    page = browser.get(world.path("decisions")).text
    assert "Nothing is decided." in page
    assert "Half-life" not in page
    assert "No decision fits" in browser.get(world.path("decisions"), {"q": "x"}).text


def test_filters_stay_through_pages_and_exports(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessions_app.panels.decisions.DECISIONS_A_PAGE", 1)
    decide(world, "Hall one", "Hall two", "Tent")
    browser = browse(world.cast.ann)
    page = browser.get(world.path("decisions"), {"q": "hall", "by": "user", "history": "1"}).text
    assert "Hall two" in page
    assert "Hall one" not in page
    assert "decisions.csv?q=hall&amp;by=user&amp;history=1" in page
    older = page.partition("&amp;older=")[2].partition('"')[0].replace("%3A", ":")
    page = browser.get(
        world.path("decisions"), {"q": "hall", "by": "user", "history": "1", "older": older}
    ).text
    assert "Hall one" in page
    assert "Tent" not in page


def test_bad_input_names_the_field(world: World) -> None:
    browser = browse(world.cast.ann)
    for name in ("decisions", "decisions_csv"):
        for query, words in (
            ({"by": "me"}, "By must be one of"),
            ({"history": "yes"}, "History must be 1"),
            ({"q": "x" * 201}, "Q must have at most"),
        ):
            answer = browser.get(world.path(name), query)
            assert answer.status_code == 422, query
            assert words in answer.text
    assert browser.get(world.path("decisions"), {"older": "x"}).status_code == 422


def test_the_table_is_whole_and_safe(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision_files, "_BATCH_ROWS", 2)
    decide(world, "One", "Two", "=HYPERLINK(1)", "Four", "Five")
    by_agent(world.cast, "PlannerAgent", items.decide_item, add(world.cast, "Six")[0].id)
    answer = browse(world.cast.vera).get(world.path("decisions_csv"), {"by": "user"})
    assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="decisions.csv"'
    assert answer.streaming
    text = b"".join(answer.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["title"] for row in rows] == ["Five", "Four", "'=HYPERLINK(1)", "Two", "One"]
    assert [row["number"] for row in rows] == ["5", "4", "3", "2", "1"]


def test_the_files_can_be_imported_again(world: World, tmp_path: Path) -> None:
    decide(world, "Rent the mill", "Buy a tent")
    add(world.cast, "Not decided")
    # Decided, reopened and decided again is one file.
    again = the(Item, world.cast, title="Rent the mill")
    do(world.cast, "bob", items.explore_item, again.id)
    do(world.cast, "bob", items.decide_item, again.id, reason="Why Rent the mill", outcome="accepted")
    answer = browse(world.cast.ann).get(world.path("decisions_zip"))
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert archive.namelist() == ["0001-rent-the-mill.md", "0002-buy-a-tent.md"]
        archive.extractall(tmp_path)
    found = read_adr(tmp_path, lambda _done, _total: None)
    assert [(row.title, row.state, row.reason, row.outcome, row.people) for row in found.rows] == [
        ("Rent the mill", "decided", "Why Rent the mill", "Accepted", ("Bob",)),
        ("Buy a tent", "decided", "Why Buy a tent", "Accepted", ("Bob",)),
    ]


def test_under_asgi_a_piece_is_made_when_it_is_sent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision_files, "_BATCH_ROWS", 1)
    decide(world, "One", "Two")
    answer = browse(world.cast.ann).get(world.path("decisions_csv"))

    async def pieces() -> list[bytes]:
        return [piece async for piece in answer]

    assert len(asyncio.run(pieces())) == 3


def test_whose_right_is_gone_meanwhile_gets_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch is read by whoever asked, as they are then; between two no transaction is open."""
    monkeypatch.setattr(decision_files, "_BATCH_ROWS", 1)
    decide(world, "One", "Two", "Three")
    answer = browse(world.cast.vera).get(world.path("decisions_csv"))
    pieces = iter(answer.streaming_content)
    assert b"number" in next(pieces)
    assert b"Three" in next(pieces)
    assert not connection.in_atomic_block
    do(world.cast, "ann", members.remove_member, world.cast.vera.id)
    assert list(pieces) == []


@pytest.mark.parametrize("name", ["decisions_csv", "decisions_zip", "profile_data"])
def test_files_are_taken_now_and_then(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """Each may hold all a person ever did. Without Redis nobody counts, and nobody is kept from them."""
    monkeypatch.setattr(limits, "EXPORTS_A_MINUTE", 0)
    path = reverse(name) if name == "profile_data" else world.path(name)
    ann = browse(world.cast.ann)
    refused = ann.get(path)
    assert refused.status_code == 429
    assert "Too many requests. Try again in" in refused.text
    assert 1 <= int(refused.headers["Retry-After"]) <= 61

    def away(*_args: object, **_more: object) -> None:
        raise RedisError("away")

    monkeypatch.setattr(limits, "count", away)
    answer = ann.get(path)
    assert answer.status_code == 200
    answer.close()
