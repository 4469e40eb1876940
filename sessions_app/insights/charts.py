"""Charts as shapes: across in percent of whatever width there is, down in pixels.

So a chart fills a phone and a wide page alike while its letters keep their size, without a script and without
a style of its own. The templates in templates/insights/ draw the shapes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

# Room above the highest column for the number on it, and below for what stands under the axis.
_ABOVE, _BELOW = 20, 24
# Of a column's place so much is left free; of few columns more, of very many almost nothing.
_GAP = 0.24
# What is there is to be seen, however little beside the rest.
_LEAST_PIXELS = 2.0

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Part:
    """A part of a column, in the colour that its `tone` stands for."""

    tone: str
    y: str
    height: str


@dataclass(frozen=True)
class Stack:
    """One column: its own place and the whole room it has, its parts, and the words around it.

    `ghost` is what it is compared with, drawn behind it. `said` is what it tells at length.
    """

    x: str
    width: str
    room_x: str
    room_width: str
    middle: str
    parts: tuple[Part, ...]
    ghost: Part | None
    number: str
    number_y: str
    label: str
    label_x: str
    anchor: Anchor
    said: str


@dataclass(frozen=True)
class Line:
    """A line across the chart to read heights off, and the word on it."""

    y: str
    label_y: str
    label: str


@dataclass(frozen=True)
class Columns:
    """A chart of columns, `height` pixels high; `base` is its axis, below it stand words at `label_y`."""

    height: int
    plot_top: str
    plot_height: str
    base: str
    label_y: str
    stacks: tuple[Stack, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Bar:
    """What one column is to show: the values of its parts from below, and the words around it.

    A label stands below its middle; with `anchor` it begins or ends at the edge of the chart.
    """

    values: tuple[float, ...]
    said: str
    label: str = ""
    anchor: Anchor = "middle"
    number: str = ""
    before: float | None = None
    # Instead of the chart's own: to bring one column out.
    tones: tuple[str, ...] = ()


def columns(
    bars: Sequence[Bar], tones: Sequence[str], *, plot: int, ticks: Sequence[tuple[float, str]] = ()
) -> Columns:
    """The columns of these bars, their parts in these tones, on a plot of so many pixels.

    `ticks` are values with their words, at which lines are drawn. The highest of them, of the columns and of
    what they are compared with is as high as the plot.
    """
    values = [value for bar in bars for value in (sum(bar.values), bar.before or 0.0)]
    top = max([*values, *(value for value, _words in ticks)], default=0.0)
    scale = plot / top if top > 0 else 0.0
    base = _ABOVE + plot
    room = 100 / max(1, len(bars))
    return Columns(
        height=base + _BELOW,
        plot_top=_pixels(_ABOVE),
        plot_height=_pixels(plot),
        base=_pixels(base),
        label_y=_pixels(base + 17),
        stacks=tuple(
            _stack(bar, bar.tones or tones, room * n, room, base, scale) for n, bar in enumerate(bars)
        ),
        lines=tuple(
            Line(_pixels(base - value * scale), _pixels(base - value * scale - 4), words)
            for value, words in ticks
        ),
    )


def _stack(bar: Bar, tones: Sequence[str], room_x: float, room: float, base: float, scale: float) -> Stack:
    y, parts = base, []
    for value, tone in zip(bar.values, tones, strict=True):
        if value > 0:
            height = max(_LEAST_PIXELS, value * scale)
            y -= height
            parts.append(Part(tone, _pixels(y), _pixels(height)))
    x, width = room_x + room * _GAP / 2, room * (1 - _GAP)
    middle = room_x + room / 2
    return Stack(
        x=_percent(x),
        width=_percent(width),
        room_x=_percent(room_x),
        room_width=_percent(room),
        middle=_percent(middle),
        parts=tuple(parts),
        ghost=Part("before", _pixels(base - bar.before * scale), _pixels(bar.before * scale))
        if bar.before
        else None,
        number=bar.number,
        number_y=_pixels(y - 6),
        label=bar.label,
        label_x=_percent({"start": x, "middle": middle, "end": x + width}[bar.anchor]),
        anchor=bar.anchor,
        said=bar.said,
    )


def round_ticks(top: float, units: Sequence[float]) -> tuple[float, ...]:
    """Two or three values up to `top` that are easy to read, each a multiple of one of these units."""
    fitting = [unit for unit in units if unit <= top]
    if not fitting:
        return ()
    unit = next((each for each in fitting if top / each < 4), fitting[-1])
    most = int(top / unit)
    every = -(-most // 3)
    return tuple(unit * n for n in range(every, most + 1, every))


@dataclass(frozen=True)
class Share:
    """A part of one bar that stands for a whole: where it begins and how wide it is."""

    tone: str
    x: str
    width: str


def shares(values: Sequence[float], tones: Sequence[str]) -> tuple[Share, ...]:
    """A whole bar in its parts; without the empty ones."""
    whole, x, found = sum(values), 0.0, []
    for value, tone in zip(values, tones, strict=True):
        if value > 0:
            found.append(Share(tone, _percent(x), _percent(value / whole * 100)))
            x += value / whole * 100
    return tuple(found)


@dataclass(frozen=True)
class Falling:
    """A curve of shares, from the whole at the left down like stairs; `half_y` is the height of a half.

    `line` and `area` are paths in a box 100 wide and `height` high, for there may be hundreds of stairs.
    """

    height: int
    base: str
    label_y: str
    half_y: str
    line: str
    area: str
    # Where it ends.
    end_y: str


def falling(
    curve: Sequence[tuple[dt.timedelta, float]],
    seen_for: dt.timedelta,
    *,
    plot: int,
) -> Falling:
    """The curve of `insights.stability`, on a plot of so many pixels and as wide as `seen_for`.

    Where it falls several times within half a percent of the width, it is drawn as one fall.
    """
    base = _ABOVE + plot

    def across(life: dt.timedelta) -> float:
        return life / seen_for * 100 if seen_for else 0.0

    falls = {0.0: 1.0} | {round(across(life) / _FINEST) * _FINEST: share for life, share in curve}
    heights = [_pixels(base - share * plot) for share in falls.values()]
    ends = [*list(falls)[1:], 100.0]
    stairs = "".join(f"V{y}H{end:g}" for y, end in zip(heights, ends, strict=True))
    line = f"M0 {_pixels(base - plot)}{stairs}"
    return Falling(
        height=base + _BELOW,
        base=_pixels(base),
        label_y=_pixels(base + 17),
        half_y=_pixels(base - plot / 2),
        line=line,
        area=f"{line}V{_pixels(base)}H0Z",
        end_y=heights[-1],
    )


# Percent of a curve's width.
_FINEST = 0.5


def _percent(number: float) -> str:
    return f"{number:.3f}%"


def _pixels(number: float) -> str:
    return f"{number:.1f}"
