"""Owners are told what the intake of their project took and refused, and why; nobody else is."""

from __future__ import annotations

import datetime as dt
import re

import time_machine

from sessions_app.metrics.intake import REASONS, Door
from sessions_app.services import refusals
from sessions_app.services.refusals import Refused
from tests.doing import NINE, send_report
from tests.views.conftest import World, browse


def refuse(world: World, times: int, reason: str, door: Door = Door.AGENT, days_ago: int = 0) -> None:
    hour = NINE - dt.timedelta(days=days_ago)
    refusals.keep({Refused(world.cast.project.id, world.cast.ann.id, hour, door, reason): times})


def told(world: World, who: str = "ann") -> list[str]:
    """The lines on the settings page."""
    page = browse(getattr(world.cast, who)).get(world.path("project_settings")).text
    lines = re.findall(r"<p[^>]*data-intake.*?</p>", page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", line).split()) for line in lines]


@time_machine.travel(NINE, tick=False)
def test_an_owner_reads_what_was_taken_and_what_was_refused(world: World) -> None:
    assert told(world) == []
    for _ in range(3):
        send_report(world.cast, "PlannerAgent", {})
    assert told(world) == ["Last 7 days: 3 reports taken, none refused."]
    refuse(world, 2, "too-large")
    refuse(world, 1, "unknown-field", days_ago=6)
    refuse(world, 9, "conflict", days_ago=8)
    refuse(world, 1200, "rate-limit", Door.PAGE)
    assert told(world) == [
        "Last 7 days: 3 reports taken, 3 refused: 2 too large, 1 unknown field.",
        "Last 7 days, from pages and front ends: 0 inputs taken, 1200 refused: 1200 too many at once.",
    ]
    assert told(world, "bob") == told(world, "vera") == []


def test_every_reason_has_words_and_fits_its_column() -> None:
    assert set(refusals._REASONS.values()) <= REASONS.keys()
    assert all(len(reason) <= 40 and words for reason, words in REASONS.items())
