"""docs/licences.md: under which licence all comes that Leftoff runs on, or that only developers use."""

from __future__ import annotations

from collections.abc import Iterable

from tests.supply.licences import licence_of
from tests.supply.lock import DEVELOPMENT, PRODUCT, ROOT, locked
from tests.supply.parts import PARTS

FILE = ROOT / "docs" / "licences.md"
_INTRODUCTION = """# Licences

What Leftoff comes with and runs on, and under which licence, by [SPDX names](https://spdx.org/licenses/).
Programs read the same in [sbom.json](sbom.json) (CycloneDX 1.6). Both are made from the lock files and from
what packages say of themselves:

```sh
.venv/bin/python -m tests.supply
```

A test fails while they are behind, and when a package comes under a licence that nobody allowed
(`tests/supply/licences.py`). Wheels carry libraries of their own, such as OpenSSL and libpq: those have their
licence files in the installed package.
"""


def text() -> str:
    """The whole page."""
    product = {(each.name, each.version) for each in locked(PRODUCT)}
    development = {(each.name, each.version) for each in locked(DEVELOPMENT)} - product
    return "\n".join(
        [
            _INTRODUCTION,
            "## In the repository, or inside a package\n",
            *_table(("part", "version", "licence", "where"), _parts()),
            "\n## Packages the product runs on\n",
            *_table(("package", "version", "licence"), _packages(product)),
            "\n## Packages for development only\n",
            "They are no part of what is installed from `requirements.txt`.\n",
            *_table(("package", "version", "licence"), _packages(development)),
            "",
        ]
    )


def _parts() -> Iterable[tuple[str, ...]]:
    return [(part.name, part.version, part.licence, part.where) for part in PARTS]


def _packages(found: Iterable[tuple[str, str]]) -> Iterable[tuple[str, ...]]:
    return [(name, version, licence_of(name)) for name, version in sorted(found)]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]
