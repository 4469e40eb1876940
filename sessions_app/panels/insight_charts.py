"""The cards of the page of figures: a figure, its words, its chart and the table behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sessions_app.insights import charts, definitions
from sessions_app.insights.charts import Anchor, Bar, Columns, Falling, Share
from sessions_app.insights.definitions import MEASURES, Definition, Measure, Unit
from sessions_app.insights.durations import counted, measured
from sessions_app.insights.figures import Spread, histogram
from sessions_app.insights.tables import Table, percent, plain
from sessions_app.panels import insight_tables
from sessions_app.panels.insights import DECIDERS, Decider, Insights, Stretch

_HISTOGRAM_PLOT, _STRETCHES_PLOT, _CURVE_PLOT = 112, 150, 132
_COUNT_TICKS = tuple(n * 10**power for power in range(8) for n in (1, 2, 5))
_HOUR = 3_600
_TIME_TICKS = (600, 1_800, *(_HOUR * n for n in _COUNT_TICKS))
# In so many rows the page tells how decisions fell; the file has all of them.
FALLS_TOLD = 50
# Up to so many columns have each a label of its own.
_MOST_LABELLED = 7

_DECIDER_WORDS: dict[Decider, str] = {"user": "People", "agent": "Agents", "system": "An import"}
_DECIDER_TONES: dict[Decider, str] = {"user": "a", "agent": "b", "system": "c"}


@dataclass(frozen=True)
class Key:
    """A part of a chart in words: its colour's name, what it is, how much."""

    tone: str
    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Card:
    """One chart with all that stands around it. `lead` is its figure in words, `before` the same before.

    `facts` are further figures with their names. `told` is the chart in a sentence, for who cannot see it.
    """

    id: str
    definition: Definition
    lead: str
    before: str
    facts: tuple[tuple[str, str], ...]
    told: str
    table: Table
    columns: Columns | None = None
    curve: Falling | None = None
    curve_end: str = ""
    shares: tuple[Share, ...] = ()
    keys: tuple[Key, ...] = ()
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self.columns is None and self.curve is None


def visits(insights: Insights) -> Card:
    """How many sessions began, stretch by stretch, each beside its like of the period before."""
    now, before = insights.now, insights.before
    earlier = [stretch.sessions for stretch in before.stretches]
    words = _stretch_words(insights)
    bars = [
        Bar(
            (stretch.sessions,),
            said=f"{words[place]}: {_visits_words(stretch, insights)}; before: {then}",
            label=label,
            anchor=anchor,
            before=then,
        )
        for place, (stretch, then, (label, anchor)) in enumerate(
            zip(now.stretches, earlier, _axis(insights), strict=True)
        )
    ]
    top = max([*earlier, *(stretch.sessions for stretch in now.stretches)], default=0)
    return Card(
        id="sessions",
        definition=definitions.SESSIONS,
        lead=f"{now.count:,}",
        before=f"{before.count:,} before",
        facts=(),
        told=f"{counted(now.count, 'session')} {_each(insights)}; {before.count} in the period before.",
        table=insight_tables.stretches(insights),
        columns=_counts(bars, ("a",), top) if now.count or before.count else None,
        keys=(
            Key("a", "sessions", ""),
            Key("before", f"the same {'day' if insights.stretch_days == 1 else 'days'} before", ""),
        ),
    )


def measure(insights: Insights, which: Measure) -> Card:
    """How often a measure came out how."""
    definition = MEASURES[which]
    now, before = insights.now.spread(which), insights.before.spread(which)
    table = insight_tables.classes(insights, which)
    found = histogram(insights.now.numbers.get(which, ()), definition.scale)
    bars = [
        Bar(
            (one.times,),
            said=f"{one.label}: {one.times:,}",
            label=one.label,
            number=f"{one.times:,}" if one.times else "",
            tones=("a",) if one.holds_median else ("soft",),
        )
        for one in found
    ]
    most = max(found, key=lambda one: one.times)
    return Card(
        id=table.name,
        definition=definition,
        lead=_worded(now.median, definition.unit) if now else "–",
        before=f"{_worded(before.median, definition.unit)} before" if before else "",
        facts=_facts(now, definition.unit),
        told=f"{now.n:,} in all; most of them, {most.times:,}, are {most.label}." if now else "None.",
        table=table,
        columns=charts.columns(bars, ("soft",), plot=_HISTOGRAM_PLOT) if now else None,
    )


def active(insights: Insights) -> Card:
    """Active time beside the time that sessions were open, stretch by stretch."""
    now = insights.now
    words = _stretch_words(insights)
    bars = [
        Bar(
            (stretch.active_seconds, max(0, stretch.open_seconds - stretch.active_seconds)),
            said=f"{words[place]}: {_active_words(stretch)}",
            label=label,
            anchor=anchor,
        )
        for place, (stretch, (label, anchor)) in enumerate(zip(now.stretches, _axis(insights), strict=True))
    ]
    share, share_before = now.active_share, insights.before.active_share
    spread = now.spread(Measure.ACTIVE)
    top = max((stretch.open_seconds for stretch in now.stretches), default=0)
    ticks = charts.round_ticks(top, _TIME_TICKS)
    active_words, open_words = measured(now.active_seconds), measured(now.open_seconds)
    return Card(
        id="active",
        definition=MEASURES[Measure.ACTIVE],
        lead=percent(share) if share is not None else "–",
        before=f"{percent(share_before)} before" if share_before is not None else "",
        facts=(("median", measured(spread.median)), *_facts(spread, "seconds")) if spread else (),
        told=f"Active {active_words} of {open_words} in which sessions were open.",
        table=insight_tables.stretches(insights),
        columns=charts.columns(
            bars, ("a", "soft"), plot=_HISTOGRAM_PLOT, ticks=[(tick, measured(tick)) for tick in ticks]
        )
        if share is not None
        else None,
        keys=(
            Key("a", "active", active_words),
            Key("soft", "only open", measured(max(0, now.open_seconds - now.active_seconds))),
        ),
    )


def deciders(insights: Insights) -> Card:
    """Decisions stretch by stretch, by people, agents and imports."""
    work, before = insights.work, insights.work_before
    assert work is not None
    assert before is not None
    tones = tuple(_DECIDER_TONES[who] for who in DECIDERS)
    words = _stretch_words(insights)
    bars = [
        Bar(
            tuple(by.get(who, 0) for who in DECIDERS),
            said=f"{words[place]}: {_by_words(by)}",
            label=label,
            anchor=anchor,
        )
        for place, (by, (label, anchor)) in enumerate(zip(work.stretches, _axis(insights), strict=True))
    ]
    decided = work.decisions
    keys = tuple(
        Key(
            _DECIDER_TONES[who],
            _DECIDER_WORDS[who],
            f"{decided[who]:,}",
            note=percent(decided[who] / work.decided),
        )
        for who in DECIDERS
        if decided[who]
    )
    return Card(
        id="decisions",
        definition=definitions.DECIDERS,
        lead=counted(work.decided, "decision"),
        before=f"{before.decided:,} before",
        facts=(),
        told="; ".join(f"{key.name} {key.value} ({key.note})" for key in keys) or "No decision.",
        table=insight_tables.deciders(insights),
        columns=_counts(bars, tones, max(sum(by.values()) for by in work.stretches))
        if work.decided
        else None,
        shares=charts.shares([decided[who] for who in DECIDERS], tones) if work.decided else (),
        keys=keys,
    )


def standing(insights: Insights) -> Card:
    """The share of the period's decisions that stand, by how long ago each began."""
    found = insights.stability
    assert found is not None
    half = found.half_life
    taken_back = f"{found.reopened} reopened, {found.superseded} superseded of {found.decisions}"
    curve = charts.falling(found.curve, found.seen_for, plot=_CURVE_PLOT)
    standing_words = percent(found.still_standing)
    seen_words = measured(found.seen_for.total_seconds())
    return Card(
        id="stability",
        definition=definitions.STABILITY,
        lead=f"{measured(half.total_seconds())} half-life" if half else f"{standing_words} stand",
        before="",
        facts=(("taken back", taken_back),),
        told=f"After {seen_words} {standing_words} of the decisions stand.",
        table=insight_tables.standing(insights, FALLS_TOLD),
        curve=curve if found.decisions else None,
        curve_end=f"after {seen_words}",
        note=standing_words,
    )


def questions(insights: Insights) -> Card:
    """How long questions waited, with what became of all of them."""
    work = insights.work
    assert work is not None
    card = measure(insights, Measure.ANSWER)
    outcomes = (
        ("asked", work.asked),
        ("answered", work.answered),
        ("dismissed", work.dismissed),
        ("expired", work.expired),
    )
    facts = (*card.facts[:2], *((name, f"{times:,}") for name, times in outcomes if times))
    return Card(**{**vars(card), "facts": facts})


def _worded(number: float, unit: Unit) -> str:
    return measured(number) if unit == "seconds" else plain(number)


def _facts(spread: Spread | None, unit: Unit) -> tuple[tuple[str, str], ...]:
    if spread is None:
        return ()
    return (
        ("p95", _worded(spread.p95, unit)),
        ("mean", _worded(spread.mean, unit)),
        ("n", f"{spread.n:,}"),
    )


def _counts(bars: Sequence[Bar], tones: Sequence[str], top: int) -> Columns:
    ticks = charts.round_ticks(top, _COUNT_TICKS)
    return charts.columns(bars, tones, plot=_STRETCHES_PLOT, ticks=[(tick, f"{tick:,}") for tick in ticks])


def _visits_words(stretch: Stretch, insights: Insights) -> str:
    is_of_several = insights.is_everybodys and stretch.people
    of_whom = f" of {counted(stretch.people, 'person', 'people')}" if is_of_several else ""
    return counted(stretch.sessions, "session") + of_whom


def _active_words(stretch: Stretch) -> str:
    return f"active {measured(stretch.active_seconds)} of {measured(stretch.open_seconds)}"


def _by_words(by: Mapping[Decider, int]) -> str:
    return ", ".join(f"{_DECIDER_WORDS[who].lower()} {by[who]}" for who in DECIDERS if by.get(who)) or "none"


def _each(insights: Insights) -> str:
    return "by day" if insights.stretch_days == 1 else f"by {insights.stretch_days} days"


def _stretch_words(insights: Insights) -> list[str]:
    """ "Tue 24 Nov" of each stretch; "3 Nov – 9 Nov" where it is several days."""
    days = [stretch.day for stretch in insights.now.stretches]
    if insights.stretch_days == 1:
        return [f"{day:%a} {day.day} {day:%b}" for day in days]
    lasts = [*(day - dt.timedelta(days=1) for day in days[1:]), insights.period.last]
    return [f"{_short(day)} – {_short(last)}" for day, last in zip(days, lasts, strict=True)]


def _axis(insights: Insights) -> list[tuple[str, Anchor]]:
    """What stands below each stretch: of few each its day, of many the first, the middle and the last."""
    days = [stretch.day for stretch in insights.now.stretches]
    if len(days) <= _MOST_LABELLED:
        return [(f"{day:%a} {day.day}", "middle") for day in days]
    labels: list[tuple[str, Anchor]] = [("", "middle")] * len(days)
    labels[len(days) // 2] = (_short(days[len(days) // 2]), "middle")
    labels[0], labels[-1] = (_short(days[0]), "start"), (_short(insights.period.last), "end")
    return labels


def _short(day: dt.date) -> str:
    return f"{day.day} {day:%b}"
