"""The dashboard and the alert rules of docs/operations: figures that are there, in the form that is taken."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.metrics.test_documents import named
from tests.running import ROOT

PLACE = ROOT / "docs" / "operations"
DASHBOARD: dict[str, Any] = json.loads((PLACE / "grafana-dashboard.json").read_text())
RULES: dict[str, Any] = yaml.safe_load((PLACE / "alerts.yml").read_text())
ALERTS: list[dict[str, Any]] = [rule for group in RULES["groups"] for rule in group["rules"]]
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def figures_in(expression: str) -> set[str]:
    """The figures an expression asks for; of a histogram its own name."""
    asked = set(re.findall(r"\b(?:leftoff|process)_[a-z_]+", re.sub(r'"[^"]*"', "", expression)))
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}


@pytest.mark.parametrize("expression", [*EXPRESSIONS, *(alert["expr"] for alert in ALERTS)])
def test_every_figure_that_is_asked_for_is_there(expression: str) -> None:
    asked = figures_in(expression)
    assert asked <= named()
    assert asked or expression.startswith("up{")
    for opening, closing in ("()", "{}", "[]"):
        assert expression.count(opening) == expression.count(closing)


def test_every_figure_of_ours_is_on_the_dashboard() -> None:
    """What nobody would look at need not be counted."""
    shown = set().union(*(figures_in(expression) for expression in EXPRESSIONS))
    left_out = {name for name in named() - shown if name.startswith("leftoff_")}
    assert left_out == {
        # Of tables rather than charts, and for the alerts.
        *("leftoff_build_info", "leftoff_disk_total_bytes", "leftoff_refusals_untold_total"),
        *("leftoff_pool_waits_total", "leftoff_pool_wait_seconds_total"),
        *("leftoff_job_seconds", "leftoff_worker_database_seconds_total"),
        "leftoff_replica_reads_total",
    }


def test_the_dashboard_can_be_imported() -> None:
    """An id of its own for each panel, none upon another, and a data source that is asked for."""
    assert DASHBOARD["uid"] == "leftoff"
    assert DASHBOARD["schemaVersion"] >= 39
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
        assert panel["datasource"]["uid"] == "${datasource}"
    variables = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    assert variables == {"datasource", "job"}


def test_the_rules_have_the_form_of_rules() -> None:
    assert {*RULES} == {"groups"}
    assert len({alert["alert"] for alert in ALERTS}) == len(ALERTS)
    for alert in ALERTS:
        assert alert.keys() == {"alert", "expr", "for", "labels", "annotations"}, alert
        assert re.fullmatch(r"\d+m", alert["for"])
        assert alert["labels"]["severity"] in ("critical", "warning")
        assert alert["annotations"].keys() == {"summary", "description"}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not here")
def test_promtool_takes_the_rules() -> None:
    done = subprocess.run(
        ["promtool", "check", "rules", PLACE / "alerts.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
