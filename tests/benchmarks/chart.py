"""The charts of a run, as SVG that reads well on light and on dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from tests.benchmarks.goals import MET, Curve, Line, as_told

WIDTH, ROW, MARGIN = 1000, 22, 20
# Where bars begin, and how long one is that uses up just its limit.
LABELS, TO_LIMIT = 540, 200
# Past so many times its limit a bar is cut.
LONGEST = 1.5
CHART, CHART_HEIGHT = (WIDTH - 3 * MARGIN) // 2, 190

STYLE = """
<style>
  :root { color-scheme: light dark }
  .ground { fill: #ffffff } text { fill: #24292f; font: 12px system-ui, sans-serif }
  .head { font-weight: 600 } .quiet { fill: #57606a }
  .met { fill: #2f7d5b } .missed { fill: #b4451f } .limit { stroke: #24292f; stroke-dasharray: 4 3 }
  .axis { stroke: #8c959f } .curve { stroke: #2f5f9e; stroke-width: 2; fill: none } .point { fill: #2f5f9e }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9da7b3 }
    .met { fill: #57b98d } .missed { fill: #f0883e } .limit { stroke: #e6edf3 }
    .axis { stroke: #6e7681 } .curve { stroke: #79b0f2 } .point { fill: #79b0f2 }
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
    """A small chart for each curve: sizes by their powers of ten, costs from nothing up."""
    rows = math.ceil(len(curves) / 2)
    parts = [
        part
        for number, curve in enumerate(curves)
        for part in _curve(
            curve, MARGIN + number % 2 * (CHART + MARGIN), MARGIN + number // 2 * (CHART_HEIGHT + 50)
        )
    ]
    return _picture(rows * (CHART_HEIGHT + 50) + MARGIN, "How costs grow", parts)


def _curve(curve: Curve, left: int, top: int) -> list[str]:
    inset, bottom = 60, top + CHART_HEIGHT - 14
    sizes = [math.log10(max(size, 1)) for size, _ in curve.points]
    highest = max(cost for _, cost in curve.points) or 1
    span = sizes[-1] - sizes[0] or 1
    places = [
        (
            left + inset + (size - sizes[0]) / span * (CHART - inset - 30),
            bottom - cost / highest * (CHART_HEIGHT - 50),
        )
        for size, (_, cost) in zip(sizes, curve.points, strict=True)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return [
        _text(left, top, f"{curve.topic}: {curve.name}", "head"),
        _text(left + inset - 8, top + 40, as_told(highest), "quiet", end=True),
        _text(left + inset - 8, bottom, f"0 {curve.y}", "quiet", end=True),
        f'<path class="axis" fill="none" d="M{left + inset} {top + 26}V{bottom}H{left + CHART - 10}"/>',
        f'<polyline class="curve" points="{line}"/>',
        *(f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places),
        *(
            _text(round(x), bottom + 16, as_told(size), "quiet", middle=True)
            for (x, _), (size, _) in zip(places, curve.points, strict=True)
        ),
        _text(left + CHART - 10, bottom + 32, curve.x, "quiet", end=True),
    ]


def _text(x: int, y: int, text: str, kind: str = "", *, end: bool = False, middle: bool = False) -> str:
    anchor = ' text-anchor="end"' if end else ' text-anchor="middle"' if middle else ""
    return f'<text class="{kind}" x="{x}" y="{y}"{anchor}>{escape(text)}</text>'


def _picture(height: int, title: str, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    ground = f'<rect class="ground" width="{WIDTH}" height="{height}"/>'
    return "\n".join([head, f"<title>{title}</title>", STYLE.strip(), ground, *parts, "</svg>\n"])
