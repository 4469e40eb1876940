"""The developers' pages against the API itself: its routes, who may call them, its guessed verbs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sessions_app.api.verbs import VERBS
from tests.api.table import ANYONE, OPERATIONS, TABLE

README = (Path(__file__).resolve().parents[2] / "docs" / "api" / "README.md").read_text()
# "editor [items]: `POST …/items` · `PATCH, DELETE …/items/{item_id}`", one of a cell's lines.
WHO = re.compile(r"(?P<least>[a-z ]+?)(?: \[(?P<scope>[a-z]+)\])?: (?P<routes>.+)")


def rows(heading: str) -> Iterator[tuple[str, str]]:
    """The two cells of each row of the table below a heading, its own head not among them."""
    part = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    for line in [line for line in part.splitlines() if line.startswith("|")][2:]:
        first, second = line.strip("| ").split(" | ", 1)
        yield first, second


def test_the_table_of_routes_is_whole_and_says_who_may() -> None:
    written = set()
    for _, cell in rows("All routes"):
        for line in cell.split("<br>"):
            said = WHO.fullmatch(line)
            assert said, line
            for methods, path in re.findall(r"`([A-Z, ]+) (\S+)`", said["routes"]):
                whole = path.replace("…", "/api/projects/{project_id}")
                least = said["least"].replace("anybody", ANYONE)
                written |= {(method, whole, least, said["scope"]) for method in methods.split(", ")}
    there = {
        (method, path, TABLE[name].least, TABLE[name].scope.value if TABLE[name].scope else None)
        for name, (method, path) in OPERATIONS.items()
    }
    wrong = "\n".join(
        f"{say}: {method} {path}, {least}{f' [{scope}]' if scope else ''}"
        for say, some in (("write down", there - written), ("is none", written - there))
        for method, path, least, scope in sorted(some, key=str)
    )
    assert not wrong, f"docs/api/README.md, “All routes”:\n{wrong}"


def test_the_table_of_guessed_verbs_is_whole() -> None:
    written = {
        noun: {
            verb: set(words.split(", "))
            for verb, words in (line.split(": ", 1) for line in cell.replace("`", "").split("<br>"))
        }
        for noun, cell in rows("Guessed verbs")
    }
    assert written == {
        noun: {verb: set(words) for verb, words in verbs.items()} for noun, verbs in VERBS.items()
    }
