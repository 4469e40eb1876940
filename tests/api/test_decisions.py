"""The decision log by the API."""

from __future__ import annotations

import pytest

from sessions_app.models import Item, User
from sessions_app.services import items
from tests.api.conftest import Program, data, fields
from tests.conftest import Cast
from tests.doing import add, do, the


def decide(cast: Cast, *titles: str) -> None:
    for item in add(cast, *titles):
        do(cast, "bob", items.decide_item, item.id, reason=f"Why {item.title}")


def test_the_log_comes_in_pages(ann: Program, here: str, cast: Cast) -> None:
    decide(cast, "One", "Two", "Three")
    first = ann.get(f"{here}/decisions?limit=2").json()
    assert [row["title"] for row in first["data"]] == ["Three", "Two"]
    assert first["data"][0] | {"reason": "Why Three", "decidedBy": ["Bob"], "by": "user"} == first["data"][0]
    rest = ann.get(f"{here}/decisions?limit=2&cursor={first['next']}").json()
    assert ([row["title"] for row in rest["data"]], rest["next"]) == (["One"], None)


def test_the_filters(ann: Program, here: str, cast: Cast) -> None:
    decide(cast, "One", "Two")
    do(cast, "bob", items.explore_item, the(Item, cast, title="Two").id)
    assert [row["title"] for row in data(ann.get(f"{here}/decisions"))] == ["One"]
    history = data(ann.get(f"{here}/decisions?history=true"))
    assert [(row["title"], row["fate"]) for row in history] == [("Two", "reopened"), ("One", "stands")]
    assert data(ann.get(f"{here}/decisions?by=agent")) == []
    assert len(data(ann.get(f"{here}/decisions?q=why"))) == 1


def test_how_well_decisions_hold(ann: Program, here: str, cast: Cast) -> None:
    decide(cast, "One", "Two")
    do(cast, "bob", items.explore_item, the(Item, cast, title="Two").id)
    found = data(ann.get(f"{here}/decisions/stability"))
    assert (found["decisions"], found["reopened"], found["takenBackShare"]) == (2, 1, 0.5)


def test_the_files(ann: Program, agent: Program, here: str, cast: Cast) -> None:
    decide(cast, "One")
    for who in (ann, agent):
        table = who.get(f"{here}/decisions.csv")
        assert table.headers["Content-Type"].startswith("text/csv")
        assert b"Why One" in b"".join(table.streaming_content)
        files = who.get(f"{here}/decisions.zip")
        assert files.headers["Content-Type"] == "application/zip"
        assert b"".join(files.streaming_content).startswith(b"PK")


def test_a_file_has_another_tag_when_it_would_be_another(ann: Program, here: str, cast: Cast) -> None:
    decide(cast, "One")
    tag = ann.get(f"{here}/decisions.csv").headers["ETag"]
    assert ann.get(f"{here}/decisions.csv", if_none_match=tag).status_code == 304
    assert ann.get(f"{here}/decisions.csv?by=user").headers["ETag"] != tag
    User.objects.filter(id=cast.bob.id).update(display_name="Robert")
    renamed = ann.get(f"{here}/decisions.csv").headers["ETag"]
    assert renamed != tag
    decide(cast, "Two")
    assert ann.get(f"{here}/decisions.csv").headers["ETag"] != renamed


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (f"q={'x' * 201}", "q"),
        ("by=me", "by"),
        ("history=1", "history"),
        ("cursor=x", "cursor"),
        ("a=1", "a"),
    ],
)
def test_bad_input_names_the_field(ann: Program, here: str, query: str, field: str) -> None:
    assert fields(ann.get(f"{here}/decisions?{query}")) == [field]
