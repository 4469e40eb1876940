"""The audit says what it could not ask, and fails on what is known."""

from __future__ import annotations

import pytest

from tests.supply import audit

SKIPPED = {"name": "daphne", "skip_reason": "Dependency not found on PyPI"}
WELL = {"name": "django", "version": "5.2.19", "vulns": []}
ILL = {
    "name": "daphne",
    "version": "4.2.1",
    "vulns": [{"id": "CVE-2026-44545", "fix_versions": ["4.2.2"], "aliases": []}],
}


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (None, 0, "NOT AUDITED"),
        ([SKIPPED, SKIPPED], 0, "NOT AUDITED"),
        ([WELL, SKIPPED], 0, "1 packages asked for, 1 skipped, 0 known vulnerabilities"),
        ([WELL, ILL], 1, "daphne 4.2.1 has CVE-2026-44545, mended in 4.2.2"),
    ],
)
def test_what_it_says(answer: list | None, code: int, said: str, capsys: pytest.CaptureFixture) -> None:
    assert audit.tell("requirements.txt", answer) == code
    assert said in capsys.readouterr().out
