"""`python -m tests.supply.audit`: what is known against the locked versions, if the advisory service answers.

Exit code 1 when there are any. A service that cannot be reached is said plainly and is no failure: where the
checks run there may be package registries only, and docs/advisories.md holds there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.supply.lock import DEVELOPMENT, PRODUCT

SECONDS = 120
_PIP_AUDIT = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--format=json", "--timeout=5"]


def audit() -> int:
    """Ask for each lock, tell what was found; returns the exit code."""
    return max([tell(file.name, _ask(str(file))) for file in (PRODUCT, DEVELOPMENT)])


def _ask(file: str) -> list[dict[str, Any]] | None:
    """What pip-audit says of each package; None when it could not ask."""
    asking = [*_PIP_AUDIT, "--requirement", file]
    try:
        ran = subprocess.run(asking, capture_output=True, text=True, timeout=SECONDS)
        answer: list[dict[str, Any]] = json.loads(ran.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None
    return answer


def tell(file: str, answer: list[dict[str, Any]] | None) -> int:
    """Print what pip-audit's answer for a lock comes to; returns the exit code."""
    # Where a mirror of the registry answers in its place, pip-audit skips every package and calls that well.
    asked = [each for each in answer or [] if "skip_reason" not in each]
    if not asked:
        print(f"{file}: NOT AUDITED, the advisory service cannot be reached from here")
        return 0
    found = [(each, known) for each in asked for known in each["vulns"]]
    for each, known in found:
        fixed = ", ".join(known["fix_versions"]) or "no version yet"
        print(f"{file}: {each['name']} {each['version']} has {known['id']}, mended in {fixed}")
    skipped = f", {len(answer or []) - len(asked)} skipped" if len(answer or []) > len(asked) else ""
    print(f"{file}: {len(asked)} packages asked for{skipped}, {len(found)} known vulnerabilities")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(audit())
