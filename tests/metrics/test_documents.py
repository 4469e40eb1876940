"""The list of figures is the list of figures."""

from __future__ import annotations

import re
from dataclasses import fields

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from sessions_app.insights.system_now import SystemNow
from sessions_app.metrics import exposition, intake
from sessions_app.metrics.instruments import REGISTRY
from sessions_app.views.metrics import database_up, system_families
from tests.running import ROOT

LIST = (ROOT / "docs" / "operations" / "metrics.md").read_text()


def named() -> set[str]:
    """The names of all there is, as a scrape spells them; a histogram's is that of the whole."""
    now = SystemNow(*[0] * len(fields(SystemNow)))
    families = [
        database_up(True),
        *system_families(now),
        *exposition.families_of_pool({}),
        *exposition.disk(),
    ]
    families += exposition.of_workers([])
    told = [*text_string_to_metric_families(generate_latest(REGISTRY).decode()), *families]
    return {family.name + ("_total" if family.type == "counter" else "") for family in told}


def test_every_reason_is_in_the_list_with_the_words_that_owners_read() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \|", LIST, re.MULTILINE)
    assert dict(rows) == intake.REASONS
    assert set(intake._BY_STATUS.values()) <= intake.REASONS.keys()


def test_every_figure_is_in_the_list_and_no_other() -> None:
    assert set(re.findall(r"`((?:leftoff|process)_[a-z_]+)`", LIST)) == named()
