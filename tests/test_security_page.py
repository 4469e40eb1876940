"""docs/security.md names what is there: files, tests, cases."""

from __future__ import annotations

import re

from tests.faults.cases import CASES
from tests.running import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
# The table's rows, each of four cells.
ROWS = [row.split(" | ") for row in re.findall(r"^\| (.+) \|$", PAGE, re.MULTILINE) if row.count(" | ") == 3][
    2:
]


def test_each_threat_has_its_layer_its_code_and_its_proof() -> None:
    assert len(ROWS) > 15
    for threat, layer, code, proof in ROWS:
        assert layer, threat
        assert re.search(r"`(sessions_app|config)/|\]\(", code), threat
        assert re.search(r"`tests/|\b[A-Z]\d\d\b", proof), threat


def test_what_it_names_is_there() -> None:
    paths = re.findall(r"`((?:sessions_app|config|tests)/[\w/.]+)`", PAGE)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    cases = {name for *_, proof in ROWS for name in re.findall(r"\b[A-Z]\d\d\b", proof)}
    assert cases <= CASES.keys()
