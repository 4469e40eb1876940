"""The documents' days are played as they are written: the one with curl, the one by MCP."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest

from tests.api_program import Program
from tests.commands.conftest import OWNER_MAIL, PASSWORD, Installation
from tests.running import ROOT

A_DAY_SECONDS = 120


def play(*command: str) -> str:
    """Run a day to its end; returns what it printed."""
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=A_DAY_SECONDS)
    said = run.stdout + run.stderr
    assert run.returncode == 0, said
    assert run.stderr == "", said
    return said


def play_examples(*documents: str, **values: str) -> str:
    """Type the documents' shell examples one after the other, with these values for the ones shown there."""
    text = "\n".join((ROOT / "docs" / "api" / document).read_text() for document in documents)
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    for name, value in values.items():
        script = re.sub(rf"\b{name}=\S+", f"{name}={value}", script)
    script = script.replace("ann@example.org", OWNER_MAIL).replace("come back soon", PASSWORD)
    said = play("sh", "-euc", script)
    assert not re.search(r'"status": ?[45]', said), said
    return said


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl found")
def test_the_days_of_the_documents_are_played(installed: Installation) -> None:
    serving = installed.serve()
    serving.first_owner()
    said = play("sh", "docs/api/day.sh", serving.base, OWNER_MAIL, PASSWORD)
    # Agents answer for nobody, the second briefing has the answer, an ETag saves the list, and signed out is
    # signed out.
    assert '"status": 403' in said
    assert "> Up to 900, if the stage is in it." in said
    assert "\n304\n" in said
    assert said.endswith("the old access token: 401\n")

    olga = Program.signed_in(serving.base, OWNER_MAIL, PASSWORD)
    project = olga.call("POST", "/projects", {"title": "By MCP"})["id"]
    new = {"name": "Day", "agentType": "PlannerAgent"}
    token = olga.call("POST", f"/projects/{project}/agent-tokens", new)["token"]
    said = play(sys.executable, "docs/api/mcp_day.py", serving.base, token)
    assert "# Evening: it leaves the rest to whoever comes next" in said
    decided = olga.call("GET", f"/projects/{project}/items?state=decided")
    assert [item["reason"] for item in decided] == ["Free on Fridays, and 80 seats are allowed"]
    handed_over = olga.call("GET", f"/projects/{project}/briefing?since=0")["handedOver"]["rows"]
    assert [row["by"] for row in handed_over] == ["PlannerAgent"]

    if shutil.which("jq"):
        said = play_examples("README.md", "webhooks.md", base=serving.base)
        assert '"secret"' in said
    said = play_examples("agents.md", base=serving.base, project=project, token=token)
    assert "# Briefing: By MCP" in said
    assert "Traceback" not in serving.log.read_text()
