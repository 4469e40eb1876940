"""Items by the API: what was sent is shown back, and a stale edit is told what stands there now."""

from __future__ import annotations

import pytest

from sessions_app import clock
from sessions_app.models import Blocker, Item
from tests.api.conftest import Program, agent_program, data, fields, problem, program
from tests.conftest import Cast
from tests.doing import NINE, add, every, nothing_changes, report, the


def test_a_stale_edit_is_told_what_stands_there_now(
    ann: Program, agent: Program, cast: Cast, here: str
) -> None:
    made = data(ann.post(f"{here}/items", {"title": "Hall"}), 201)
    path = f"{here}/items/{made['id']}"
    first = data(ann.call("PATCH", path, {"title": "Mill hall", "version": made["version"]}))
    assert first["version"] > made["version"]
    stale = {"title": "Barn", "text": "Cheap", "version": made["version"]}
    with nothing_changes():
        refused = problem(agent.call("PATCH", path, stale), 409)
    assert refused["current"] == first
    # What the answer said is enough to send it again.
    mended = data(agent.call("PATCH", path, stale | {"version": refused["current"]["version"]}))
    assert (mended["title"], mended["text"]) == ("Barn", "Cheap")


def test_what_is_left_out_of_an_edit_stays(ann: Program, here: str) -> None:
    made = data(ann.post(f"{here}/items", {"title": "Hall", "text": "Seats 200"}), 201)
    path = f"{here}/items/{made['id']}"
    edited = data(ann.call("PATCH", path, {"title": "Mill hall", "version": made["version"]}))
    assert (edited["title"], edited["text"]) == ("Mill hall", "Seats 200")


def test_a_new_item_fills_the_gaps_it_names(agent: Program, cast: Cast, here: str) -> None:
    report(cast, "PlannerAgent", {"gaps": ["Nobody has a date", "Nobody has the keys"]})
    date, keys = every(Blocker, cast)
    data(agent.post(f"{here}/items", {"title": "The 8th of May", "fills": [str(date.id)]}), 201)
    shown = {row["id"]: row for row in data(agent.get(f"{here}/blockers"))}
    filled = shown[str(date.id)]
    assert (filled["status"], filled["endedHow"]) == ("cleared", "item added: The 8th of May")
    assert shown[str(keys.id)]["status"] == "open"


def test_an_item_fills_nothing_of_another_project(agent: Program, cast: Cast, here: str) -> None:
    item = add(cast, "No blocker at all")[0]
    for strange in (str(cast.project.id), str(item.id)):
        with nothing_changes():
            assert fields(agent.post(f"{here}/items", {"title": "x", "fills": [strange]})) == ["fills"]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-04-01T08:00:00Z", "2026-04-01T08:00:00Z"),
        ("2026-04-01T08:00:00.250+14:00", "2026-03-31T18:00:00.250000Z"),
        # An hour that the clocks of Europe leave out; its offset says which moment it is.
        ("2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00Z"),
    ],
)
def test_when_it_wakes_is_shown_back_in_utc(cast: Cast, here: str, sent: str, shown: str) -> None:
    """Case F09."""
    with clock.at(NINE):
        ann = program(cast.ann)
        item = add(cast, "Later")[0]
        parked = data(ann.post(f"{here}/items/{item.id}/park", {"reason": "Not now", "wakeAt": sent}))
        assert (parked["state"], parked["wakeAt"], parked["reason"]) == ("parked", shown, "Not now")
        assert data(ann.get(f"{here}/items/{item.id}"))["wakeAt"] == shown


def test_a_moment_to_wake_at_has_a_zone_and_is_one(cast: Cast, here: str) -> None:
    """Case F09."""
    with clock.at(NINE):
        ann, item = program(cast.ann), add(cast, "Later")[0]
        for moment in ("2026-03-29T02:30:00", "2026-02-30T02:30:00Z", "0001-01-01T00:00:00+14:00"):
            refused = ann.post(f"{here}/items/{item.id}/park", {"wakeAt": moment})
            assert fields(refused) == ["wakeAt"], moment
    assert the(Item, cast).state == "exploring"


@pytest.mark.parametrize("title", ["🏮" * 300, "\u202enola", "a\u200bb", "Zoe\u0308" + "\u0301" * 200])
def test_a_title_comes_back_as_it_was_sent(agent: Program, cast: Cast, here: str, title: str) -> None:
    """Case F10: lengths are counted in characters, at every door."""
    made = data(agent.post(f"{here}/items", {"title": title}), 201)
    assert data(agent_program(cast, "OtherAgent").get(f"{here}/items/{made['id']}"))["title"] == title


def test_one_character_more_is_too_long(agent: Program, here: str) -> None:
    """Case F10."""
    assert fields(agent.post(f"{here}/items", {"title": "🏮" * 301})) == ["title"]
