"""A report as one HTML file that needs nothing else, not even the network."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from sessions_app.exporters.report_rows import Entry, Figure, Part, Report

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem;
  background: light-dark(#f8f7f3, #151311); color: light-dark(#2a2620, #eae7e0);
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; overflow-wrap: anywhere }}
h1 {{ font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.02em; margin: 0 0 0.4rem }}
h2 {{ font-size: 1.1rem; margin: 2.4rem 0 0.6rem }}
p {{ margin: 0.3rem 0 }}
ul {{ margin: 0; padding: 0; list-style: none }}
.faint {{ color: light-dark(#6b645a, #a39c90); font-size: 0.875rem }}
.short {{ display: flex; flex-wrap: wrap; gap: 0.2rem 1.6rem; margin-top: 1.2rem; font-weight: 600 }}
.part li {{ padding: 0.7rem 0; border-top: 1px solid light-dark(#e3dfd6, #34302b) }}
.wide {{ overflow-x: auto }}
table {{ width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }}
th, td {{ padding: 0.45rem 0.6rem; border-top: 1px solid light-dark(#e3dfd6, #34302b); text-align: end;
  white-space: nowrap }}
thead th {{ border: 0; font-weight: 500; font-size: 0.875rem }}
th:first-child {{ text-align: start; padding-inline-start: 0; white-space: normal }}
dt {{ font-weight: 600; margin-top: 0.6rem }}
dd {{ margin: 0 }}
</style>
</head>
<body>
"""


def document(report: Report) -> str:
    """The whole report; everything in it is text, whatever people wrote."""
    return "\n".join(_pieces(report))


def _pieces(report: Report) -> Iterator[str]:
    yield _HEAD.format(title=escape(f"{report.project}, {report.period}"))
    yield f'<h1 dir="auto">{escape(report.project)}</h1>'
    yield f'<p>{escape(report.period)}. <span class="faint">{escape(report.counted)}</span></p>'
    yield f'<ul class="short">{"".join(f"<li>{escape(said)}</li>" for said in report.in_short)}</ul>'
    for part in report.parts:
        yield from _part(part)
    yield f'<h2>Figures</h2><p class="faint">{escape(report.before)}</p>'
    yield '<div class="wide"><table><thead><tr>'
    yield "".join(f'<th scope="col">{head}</th>' for head in ("", "Median", "p95", "Mean", "n", "Before"))
    yield "</tr></thead><tbody>"
    yield from (_figure(figure) for figure in report.figures)
    yield "</tbody></table></div><dl>"
    for figure in report.figures:
        yield f'<dt>{escape(figure.name)}</dt><dd class="faint">{escape(figure.meaning)}</dd>'
    yield "</dl></body></html>\n"


def _part(part: Part) -> Iterator[str]:
    yield f"<h2>{escape(part.title)}</h2>"
    if part.entries:
        yield f'<ul class="part">{"".join(map(_entry, part.entries))}</ul>'
    else:
        yield f'<p class="faint">{escape(part.nothing)}</p>'


def _entry(entry: Entry) -> str:
    why = f'<p dir="auto">{escape(entry.why)}</p>' if entry.why else ""
    told = f'<p class="faint">{escape(entry.told)}</p>'
    return f'<li><strong dir="auto">{escape(entry.what)}</strong>{why}{told}</li>'


def _figure(figure: Figure) -> str:
    words = (figure.median.words, figure.p95.words, figure.mean.words, f"{figure.n:,}")
    cells = "".join(f"<td>{escape(word)}</td>" for word in (*words, figure.median_before.words))
    return f'<tr><th scope="row">{escape(figure.name)}</th>{cells}</tr>'
