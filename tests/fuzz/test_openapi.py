"""The REST API against its own document: schemathesis over HTTP, on the running product."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api_program import Program
from tests.commands.conftest import OWNER_MAIL, PASSWORD, Installation

pytestmark = pytest.mark.fuzz

# How long it may go on: requests that keep to the document, and requests that break it, for each operation.
EXAMPLES = 12
LIMIT_SECONDS = 300
# One seed: what CI finds, anybody finds again.
SEED = 20_261_124
# What cannot hold here: that a body the document allows is accepted. A title may be taken, an item decided
# already, a word of a webhook's address refused: rules that no schema can tell. Their answers are in the
# document, and status_code_conformance holds them to it.
UNTELLABLE = "positive_data_acceptance"


def resources(ann: Program) -> dict[str, str]:
    """One of everything that has an id in a path."""
    project = ann.call("POST", "/projects", {"title": "Fuzzed"})["id"]
    base = f"/projects/{project}"
    ann.call("POST", "/sessions/start", {"projectId": project})
    item, blocking = (ann.call("POST", f"{base}/items", {"title": title})["id"] for title in ("One", "Two"))
    ann.call("POST", f"{base}/items/{item}/dependencies", {"blockingId": blocking})
    (session,) = ann.call("GET", f"/sessions/history/{project}")["sessions"]
    webhook = ann.call("POST", f"{base}/webhooks", {"url": "https://receiver.example.org/hook"})["id"]
    made = ann.call("POST", f"{base}/agent-tokens", {"name": "Fuzz", "agentType": "FuzzAgent"})
    agent = Program(ann.base, made["token"])
    question = agent.call("POST", f"{base}/questions", {"text": "What?", "blocks": [item]})["id"]
    blocker = agent.call("POST", f"{base}/blockers", {"type": "information", "text": "It rains"})["id"]
    return {
        "project_id": project,
        "item_id": item,
        "blocking_id": blocking,
        "question_id": question,
        "blocker_id": blocker,
        "session_id": session["id"],
        "webhook_id": webhook,
        "token_id": made["id"],
        "user_id": "me",
    }


def test_every_operation_does_what_the_document_says(installed: Installation, tmp_path: Path) -> None:
    installed.more |= {"API_CALLS_PER_MINUTE": "1000000"}
    serving = installed.serve()
    serving.first_owner()
    ann = Program.signed_in(serving.base, OWNER_MAIL, PASSWORD)
    document = Program(serving.base).call("GET", "/openapi.json")
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    config, report = tmp_path / "schemathesis.toml", tmp_path / "report.json"
    given = "\n".join(f"{name} = {json.dumps(value)}" for name, value in resources(ann).items())
    config.write_text(f"[parameters]\n{given}\n")
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run"),
        *(str(tmp_path / "openapi.json"), "--url", serving.base),
        *("-H", f"Authorization: Bearer {ann.bearer}"),
        *("--phases", "examples,fuzzing", "--max-examples", str(EXAMPLES), "--seed", str(SEED)),
        *("--exclude-checks", UNTELLABLE, "--continue-on-failure", "--no-shrink"),
        *("--report", "json", "--report-json-path", str(report)),
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS, cwd=tmp_path)
    said = run.stdout + run.stderr
    assert run.returncode == 0, said[-20_000:]
    counted = json.loads(report.read_text())["operations"]
    assert counted["tested"] == operations(document)
    assert "Traceback" not in serving.log.read_text()


def operations(document: Any) -> int:
    """How many operations the document has."""
    methods = {"get", "post", "put", "patch", "delete"}
    return sum(len(found.keys() & methods) for found in document["paths"].values())
