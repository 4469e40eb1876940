"""The promises' cases: each has a test, and what their table says is true."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.faults import table
from tests.faults.cases import CASES
from tests.faults.verdicts import BROKEN, HELD, SLOW, Floor, Verdict, Verdicts

FAULTS = Path(__file__).parent / "faults"
SLOW_MACHINE = Floor(measured=10, quiet=1)


def _marked(file: Path) -> Iterator[str]:
    """The cases that a file's tests carry the mark of."""
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Call(func=ast.Name(id="case"), args=[ast.Constant(value=str(identity))]):
                yield identity


def test_each_case_has_a_test_that_carries_its_mark() -> None:
    marked = {identity for file in FAULTS.glob("test_*.py") for identity in _marked(file)}
    assert sorted(marked) == sorted(CASES)


@pytest.mark.parametrize("nothing", [[], set(), Counter()])
def test_where_nothing_was_found_nothing_holds(nothing: list | set | Counter) -> None:
    verdicts = Verdicts("A01")
    with pytest.raises(pytest.fail.Exception):
        verdicts.only("answers", nothing, {200})
    assert [Verdict(*row).verdict for row in verdicts.found] == [BROKEN]


@pytest.mark.parametrize(
    ("unit", "worker", "verdict"), [("s", "gw1", SLOW), ("s", "", BROKEN), ("MB", "gw1", BROKEN)]
)
def test_time_alone_is_excused_beside_others(
    monkeypatch: pytest.MonkeyPatch, unit: str, worker: str, verdict: str
) -> None:
    if worker:
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
    else:
        monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    verdicts = Verdicts("A01")
    with suppress(pytest.fail.Exception):
        verdicts.at_most("slowest answer", 2, 1, unit)
    assert [Verdict(*row).verdict for row in verdicts.found] == [verdict]


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(1, HELD), (2, SLOW), (4, SLOW), (4.1, BROKEN), (11, BROKEN)]
)
def test_a_slow_machine_excuses_only_so_much(seconds: float, verdict: str) -> None:
    verdicts = Verdicts("A01")
    try:
        verdicts.at_most("slowest answer", seconds, 1, "s", SLOW_MACHINE)
    except pytest.fail.Exception:
        assert verdict == BROKEN
    assert [Verdict(*row).verdict for row in verdicts.found] == [verdict]


def _report(outcome: str, longrepr: object = None, **told: object) -> pytest.TestReport:
    name, known = "tests/faults/test_x.py::test_it", [("case", "C09"), *told.items()]
    return pytest.TestReport(name, ("", 0, ""), {}, outcome, longrepr, "call", user_properties=known)


def test_whatever_is_skipped_or_breaks_off_has_a_line() -> None:
    skipped = _report("skipped", ("test_x.py", 1, "Skipped: no redis-server found"))
    assert table.rows_of(skipped) == [
        Verdict("C09", "test_it", "skipped: no redis-server found", "", table.SKIPPED)
    ]
    assert table.rows_of(_report("failed")) == [Verdict("C09", "test_it", "broke off", "", BROKEN)]
    line = ("C09", "writes", "{302: 4}", "302", HELD)
    assert table.rows_of(_report("passed", verdicts=[line])) == [Verdict(*line)]


def test_a_case_without_a_line_did_not_run() -> None:
    found = [Verdict(identity, "all of it", "0", "0", HELD) for identity in CASES if identity != "C09"]
    assert table.not_run(found) == [Verdict("C09", CASES["C09"], "", "", table.NOT_RUN)]


@pytest.mark.parametrize(
    ("named", "chosen", "is_whole"),
    [
        (["tests/faults"], {"markexpr": "quick"}, True),
        (["tests"], {"markexpr": "faults"}, True),
        (["tests/faults/test_redis.py"], {"markexpr": "quick"}, False),
        (["tests/faults"], {"markexpr": "quick", "keyword": "redis"}, False),
        (["tests"], {"markexpr": "not quick and not faults"}, False),
    ],
)
def test_all_cases_were_asked_for_where_none_was_chosen(
    named: list[str], chosen: dict[str, str], is_whole: bool, pytestconfig: pytest.Config
) -> None:
    asked = SimpleNamespace(
        args=named,
        option=SimpleNamespace(**chosen),
        getoption=chosen.get,
        invocation_params=SimpleNamespace(dir=pytestconfig.rootpath),
    )
    assert table.is_whole(asked) is is_whole
