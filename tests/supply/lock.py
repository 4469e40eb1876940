"""What the lock files hold: each package with its version, where it is wanted, and by whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PRODUCT, DEVELOPMENT = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"

_PIN = re.compile(
    r"^(?P<name>[\w.-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<where>[^\\\n]*\S))?"
)
# What pulls it in: on the line itself, or one a line below it.
_VIA = re.compile(r"^    #(?: via)? +(?P<name>[a-z0-9][\w.-]*)", re.MULTILINE)


@dataclass(frozen=True)
class Locked:
    """One package of a lock; where two versions are locked, `where` tells their platforms apart."""

    name: str
    version: str
    where: str
    wanted_by: frozenset[str]

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def locked(file: Path) -> list[Locked]:
    """The packages of a lock file, in its order."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", file.read_text())
    pins = [(entry, pin) for entry in entries if (pin := _PIN.match(entry))]
    return [
        Locked(
            canonicalize_name(pin["name"]),
            pin["version"],
            pin["where"] or "",
            frozenset(via["name"] for via in _VIA.finditer(entry)),
        )
        for entry, pin in pins
    ]
