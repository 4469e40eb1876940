"""What a run of benchmarks did not measure: those it left out, skipped, or that failed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.running import ROOT

HERE = Path(__file__).parent
FAILED, SKIPPED, NOT_RUN = "failed", "skipped", "not run"
# By what pytest calls it; of two the latter counts.
_WHY = {"deselected": NOT_RUN, "skipped": SKIPPED, "failed": FAILED, "error": FAILED}


def unmeasured(stats: Mapping[str, Sequence[Any]]) -> list[str]:
    """The benchmarks without figures, each with why, from what pytest's reporter gathered by outcome."""
    why = {each.nodeid: reason for outcome, reason in _WHY.items() for each in stats.get(outcome, ())}
    known = set(_benchmarks())
    met = {_function(each) for each in (*why, *(report.nodeid for report in stats.get("passed", ())))}
    why |= dict.fromkeys(known - met, NOT_RUN)
    folder = f"{HERE.relative_to(ROOT).as_posix()}/"
    return [
        f"{each.removeprefix(folder)} ({reason})"
        for each, reason in sorted(why.items())
        if _function(each) in known
    ]


def _benchmarks() -> Iterator[str]:
    """All that there are, as pytest names them, also those of files that it was not asked for."""
    for path in HERE.rglob("test_*.py"):
        for node in ast.parse(path.read_text()).body:
            marks = [ast.unparse(mark) for mark in getattr(node, "decorator_list", ())]
            if isinstance(node, ast.FunctionDef) and "pytest.mark.benchmark" in marks:
                yield f"{path.relative_to(ROOT).as_posix()}::{node.name}"


def _function(nodeid: str) -> str:
    """Without what it was asked with."""
    return nodeid.partition("[")[0]
