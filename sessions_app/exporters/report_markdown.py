"""A report as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from sessions_app.exporters.markdown import line
from sessions_app.exporters.report_rows import Entry, Report


def document(report: Report) -> str:
    """The whole report; what people wrote is no markup in it."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {line(report.project)}"
    yield ""
    yield f"{report.period}. {report.counted}"
    yield ""
    yield from (f"- {line(said)}" for said in report.in_short)
    for part in report.parts:
        yield from ("", f"## {part.title}", "")
        yield from (_entry(entry) for entry in part.entries)
        if not part.entries:
            yield part.nothing
    yield from ("", "## Figures", "", report.before, "")
    yield "| Figure | Median | p95 | Mean | n | Median before |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for figure in report.figures:
        numbers = (figure.median.words, figure.p95.words, figure.mean.words, f"{figure.n:,}")
        yield f"| {' | '.join((figure.name, *numbers, figure.median_before.words))} |"
    yield ""
    yield from (f"- **{figure.name}**: {figure.meaning}" for figure in report.figures)


def _entry(entry: Entry) -> str:
    why = f": {line(entry.why)}" if entry.why else ""
    return f"- **{line(entry.what)}**{why} ({line(entry.told)})"
