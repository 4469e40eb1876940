"""What each figure means and how it is computed: the words of page, API and report alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from sessions_app.insights import figures
from sessions_app.insights.figures import Scale

Unit = Literal["seconds", "items", "sessions"]


class Measure(StrEnum):
    """What is measured of sessions and of questions, each many numbers in a period."""

    LENGTH = "sessionLength"
    ACTIVE = "activeTime"
    GAP = "timeBetween"
    LAG = "resumptionLag"
    DECIDED = "itemsDecided"
    VISITS = "sessionsPerDay"
    ANSWER = "timeToAnswer"


# One person's visits; what else is measured is the whole project's work.
OF_SESSIONS = tuple(measure for measure in Measure if measure is not Measure.ANSWER)


@dataclass(frozen=True)
class Definition:
    """A figure: its name, what it says, how it is computed."""

    name: str
    meaning: str
    computed: str


@dataclass(frozen=True)
class Measured(Definition):
    """A figure of many numbers: their unit, and the classes they fall into."""

    unit: Unit
    scale: Scale


MEASURES: dict[Measure, Measured] = {
    Measure.LENGTH: Measured(
        "Session length",
        "How long a visit lasts, from opening the project to its end.",
        "End minus start of each session that began in the period and is over. One that nobody ends is over "
        "at its last activity.",
        "seconds",
        figures.LENGTHS,
    ),
    Measure.ACTIVE: Measured(
        "Active time",
        "How much of a session somebody does something, beside how long it lasts.",
        "The start, each tracked input and each own entry in the ledger count until the next of them or the "
        "end, five minutes at most.",
        "seconds",
        figures.LENGTHS,
    ),
    Measure.GAP: Measured(
        "Time between sessions",
        "How long a person stays away before coming back.",
        "Start of a session minus end of the same person’s session before it in the same project. A first "
        "session has none.",
        "seconds",
        figures.GAPS,
    ),
    Measure.LAG: Measured(
        "Picking up again",
        "How long after opening the project the first act follows: the resumption lag.",
        "The first own entry in the ledger minus the start of the session. A session without one has none.",
        "seconds",
        figures.LAGS,
    ),
    Measure.DECIDED: Measured(
        "Items decided per session",
        "How many items a person decides in one visit.",
        "Different items this person decided between start and end of the session; none counts as 0.",
        "items",
        figures.ITEMS,
    ),
    Measure.VISITS: Measured(
        "Sessions per person and day",
        "How often a person comes on a day on which they come at all.",
        "For each person and day with a session, how many began. A session belongs to the day it began, also "
        "when it lasts past midnight.",
        "sessions",
        figures.VISITS,
    ),
    Measure.ANSWER: Measured(
        "Time to answer",
        "How long an agent’s question waits until somebody answers it.",
        "Moment of the answer minus moment of the question, for each question answered in the period.",
        "seconds",
        figures.WAITS,
    ),
}

SESSIONS = Definition(
    "Sessions begun",
    "How often people came, and how many different people.",
    "Sessions that began in the period and are over, counted on the day they began.",
)
DECIDERS = Definition(
    "Who decides",
    "How many decisions people make, how many agents, and how many an import brought.",
    "Entries in the ledger that an item was decided, in the period, by who caused them.",
)
STABILITY = Definition(
    "How well decisions hold",
    "How many of the decisions that began in the period stand after so long; the half-life is when half of "
    "them are taken back.",
    "Taken back is reopened or superseded. Young decisions count for as long as they have stood so far, "
    "those whose item was parked or deleted until then (Kaplan–Meier estimate). There is no comparison: "
    "older decisions had more time to be taken back.",
)

SPREAD = (
    "The median is the middle one of all when they stand in order, p95 is what 95 % stay below (both on the "
    "straight line between two neighbours, as PostgreSQL’s percentile_cont), the mean is their sum by their "
    "number."
)
