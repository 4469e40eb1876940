"""The charts of a run, as SVG that reads well on light and on dark."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from tests.benchmarks.goals import MET, Curve, Line, as_told

WIDTH, ROW, MARGIN = 1000, 22, 20
# Where bars begin, and how long one is that uses up just its limit.
LABELS, TO_LIMIT = 540, 200
# Past so many times its limit a bar is cut.
LONGEST = 1.5
CHART, CHART_HEIGHT, INSET = (WIDTH - 3 * MARGIN) // 2, 210, 60

STYLE = """
<style>
  :root { color-scheme: light dark }
  .ground { fill: #ffffff } text { fill: #24292f; font: 12px system-ui, sans-serif }
  .head { font-weight: 600 } .quiet { fill: #57606a }
  .met { fill: #2f7d5b } .missed { fill: #b4451f } .limit { stroke: #24292f; stroke-dasharray: 4 3 }
  .axis { stroke: #8c959f } .curve { stroke: currentColor; stroke-width: 2; fill: none }
  .point { fill: currentColor }
  .of-1 { color: #2f5f9e } .of-2 { color: #b4451f } .of-3 { color: #2f7d5b } .of-4 { color: #7d4bb5 }
  .curve.of-2 { stroke-dasharray: 7 3 } .curve.of-3 { stroke-dasharray: 2 3 }
  .curve.of-4 { stroke-dasharray: 9 3 2 3 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9da7b3 }
    .met { fill: #57b98d } .missed { fill: #f0883e } .limit { stroke: #e6edf3 }
    .axis { stroke: #6e7681 }
    .of-1 { color: #79b0f2 } .of-2 { color: #f0883e } .of-3 { color: #57b98d } .of-4 { color: #c9a6f5 }
  }
</style>
"""


def bars(lines: Sequence[Line]) -> str:
    """A bar for each line that has a limit: how much of it is used up."""
    limited = [line for line in lines if line.used is not None]
    height = (len(limited) + 2) * ROW + MARGIN
    limit = LABELS + TO_LIMIT
    parts = [
        _text(MARGIN, MARGIN, "How much of its limit each goal uses up: left of the line it is met", "head"),
        f'<line class="limit" x1="{limit}" x2="{limit}" y1="{ROW + 10}" y2="{height - MARGIN + 8}"/>',
    ]
    for number, line in enumerate(limited):
        top = (number + 2) * ROW
        length = round(min(line.used or 0, LONGEST) * TO_LIMIT)
        # Where it would lie over the limit's line, the figure stands behind it.
        beside = max(length, TO_LIMIT) if length > TO_LIMIT / 2 else length
        parts += [
            _text(LABELS - 10, top, f"{line.topic}: {line.what}", end=True),
            f'<rect class="{line.verdict}" x="{LABELS}" y="{top - 11}" width="{length}" height="14" rx="2"/>',
            _text(
                LABELS + beside + 8,
                top,
                line.told if line.verdict == MET else f"{line.told}, missed",
                "quiet",
            ),
        ]
    return _picture(height, "How much of its limit each goal uses up", parts)


def line_charts(curves: Sequence[Curve]) -> str:
    """A small chart for each cost, sizes by their powers of ten, costs from nothing up.

    What is alike but for the end of its name, behind the last comma, shares one: the same on both servers.
    """
    charts: dict[tuple[str, ...], dict[str, Curve]] = {}
    for curve in curves:
        what, _, of = curve.name.rpartition(", ")
        charts.setdefault((curve.topic, what or of, curve.x, curve.y), {})[of if what else ""] = curve
    rows = math.ceil(len(charts) / 2)
    parts = [
        part
        for number, ((topic, what, x, _), lines) in enumerate(charts.items())
        for part in _chart(
            f"{topic}: {what}, by {x}",
            lines,
            MARGIN + number % 2 * (CHART + MARGIN),
            MARGIN + number // 2 * CHART_HEIGHT,
        )
    ]
    return _picture(rows * CHART_HEIGHT + MARGIN, "How costs grow", parts)


def _chart(title: str, lines: Mapping[str, Curve], left: int, top: int) -> list[str]:
    """The curves of one cost, by what each is of."""
    inset, right, bottom = left + INSET, left + CHART - INSET // 2, top + CHART_HEIGHT - 2 * ROW
    sizes = sorted({size for curve in lines.values() for size, _ in curve.points})
    highest = max(cost for curve in lines.values() for _, cost in curve.points) or 1
    first, last = _power(sizes[0]), _power(sizes[-1])
    height = bottom - top - 3 * ROW

    def across(size: float) -> float:
        return inset + (_power(size) - first) / (last - first or 1) * (right - inset)

    parts = [
        _text(left, top, title, "head"),
        _text(inset - 8, bottom - height + 4, as_told(highest), "quiet", end=True),
        _text(inset - 8, bottom, f"0 {next(iter(lines.values())).y}", "quiet", end=True),
        f'<path class="axis" fill="none" d="M{inset} {top + 2 * ROW}V{bottom}H{right + 10}"/>',
    ]
    beside = left
    for number, (of, curve) in enumerate(lines.items(), 1):
        places = [(across(size), bottom - cost / highest * height) for size, cost in curve.points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts += [
            f'<polyline class="curve of-{number}" points="{line}"/>',
            *(f'<circle class="point of-{number}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places),
        ]
        if of:
            parts += [
                f'<path class="curve of-{number}" d="M{beside} {top + ROW - 4}h16"/>',
                _text(beside + 21, top + ROW, of, "quiet"),
            ]
            beside += 36 + round(6.5 * len(of))
    for size, following in zip(sizes, [*sizes[1:], math.inf], strict=True):
        # Of two that stand too close the larger is told.
        if following == math.inf or across(following) - across(size) > 7 * len(as_told(following)):
            parts.append(_text(round(across(size)), bottom + 16, as_told(size), "quiet", middle=True))
    return parts


def _power(size: float) -> float:
    return math.log10(max(size, 1))


def _text(x: int, y: int, text: str, kind: str = "", *, end: bool = False, middle: bool = False) -> str:
    anchor = ' text-anchor="end"' if end else ' text-anchor="middle"' if middle else ""
    return f'<text class="{kind}" x="{x}" y="{y}"{anchor}>{escape(text)}</text>'


def _picture(height: int, title: str, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    ground = f'<rect class="ground" width="{WIDTH}" height="{height}"/>'
    return "\n".join([head, f"<title>{title}</title>", STYLE.strip(), ground, *parts, "</svg>\n"])
