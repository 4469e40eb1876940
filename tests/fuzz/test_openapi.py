"""The REST API against its own document: schemathesis over HTTP, on the running product."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.api_program import Program, one_of_each
from tests.commands.conftest import OWNER_MAIL, PASSWORD, Installation
from tests.fuzz.budget import USUAL_SECONDS, in_time, is_long, times

pytestmark = in_time()

# How long it may go on: requests that keep to the document, and requests that break it, for each operation.
EXAMPLES = times(12)
LIMIT_SECONDS = times(USUAL_SECONDS)
# One seed: what CI finds, anybody finds again. The long run has another each time.
SEED = 20_261_124
# What cannot hold here: that a body the document allows is accepted. A title may be taken, an item decided
# already, a word of a webhook's address refused: rules that no schema can tell. Their answers are in the
# document, and status_code_conformance holds them to it.
UNTELLABLE = "positive_data_acceptance"


def test_every_operation_does_what_the_document_says(installed: Installation, tmp_path: Path) -> None:
    installed.more |= {"API_CALLS_PER_MINUTE": "1000000"}
    serving = installed.serve()
    serving.first_owner()
    ann = Program.signed_in(serving.base, OWNER_MAIL, PASSWORD)
    document = Program(serving.base).call("GET", "/openapi.json")
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    config, report = tmp_path / "schemathesis.toml", tmp_path / "report.json"
    given = "\n".join(f"{name} = {json.dumps(value)}" for name, value in one_of_each(ann)[0].items())
    config.write_text(f"[parameters]\n{given}\n")
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run"),
        *(str(tmp_path / "openapi.json"), "--url", serving.base),
        *("-H", f"Authorization: Bearer {ann.bearer}"),
        *("--phases", "examples,fuzzing", "--max-examples", str(EXAMPLES)),
        *(() if is_long() else ("--seed", str(SEED))),
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
