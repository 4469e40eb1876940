"""A finding: plain values, made by one look at one thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: a problem fails the doctor's command, a warning does not."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """What was looked at and what is so; unless it is fine also why it matters, and what mends it."""

    level: Level
    what: str
    why: str = ""
    fix: str = ""


def ok(what: str) -> Finding:
    """Something that is as it should be."""
    return Finding(Level.OK, what)


def warning(what: str, why: str, fix: str) -> Finding:
    """Something that may be meant, and should be known."""
    return Finding(Level.WARNING, what, why, fix)


def problem(what: str, why: str, fix: str) -> Finding:
    """Something that has to be mended."""
    return Finding(Level.PROBLEM, what, why, fix)
