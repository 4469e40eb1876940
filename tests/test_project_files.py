"""The files around the code: lock files, layout, nothing of one machine."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.supply.lock import locked

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WANTED = {
    "requirements.txt": PROJECT["dependencies"],
    "requirements-dev.txt": [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]],
}


def _locked(name: str) -> dict[str, str]:
    return {each.name: each.version for each in locked(ROOT / name)}


@pytest.mark.parametrize("name", WANTED)
def test_the_lock_holds_every_dependency_in_a_version_it_allows(name: str) -> None:
    locked = _locked(name)
    for line in WANTED[name]:
        wanted = Requirement(line)
        assert locked[canonicalize_name(wanted.name)] in wanted.specifier, line


@pytest.mark.parametrize("name", WANTED)
def test_every_locked_version_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)


def test_the_two_locks_agree() -> None:
    run_time, dev = _locked("requirements.txt"), _locked("requirements-dev.txt")
    assert run_time.items() <= dev.items()


def test_the_top_level_holds_only_what_the_layout_names() -> None:
    named = {
        *("manage.py", "pyproject.toml", "requirements.txt", "requirements-dev.txt"),
        *("config", "sessions_app", "templates", "static", "tests", "docs", "README.md", "CHANGELOG.md"),
    }
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    top = {path.partition("/")[0] for path in tracked}
    assert {name for name in top if not name.startswith(".")} <= named


DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


def _headings(document: Path) -> set[str]:
    """The fragments that lead to a document's headings, as the usual hosts make them."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _leads_somewhere(document: Path, link: str) -> bool:
    """Whether a link leads out, or to a file of ours and a heading in it."""
    path, _, fragment = link.partition("#")
    there = (document.parent / path).resolve() if path else document
    is_ours = there.is_relative_to(ROOT) and there.exists()
    return bool(re.match(r"[a-z]+:", link)) or (is_ours and (not fragment or fragment in _headings(there)))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_every_link_of_the_documents_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\([^)\s]+\)|\bsrc=\"[^\"]+\"", document.read_text())
    targets = [re.sub(r'^(\]\(|src=")|[)"]$', "", link) for link in links]
    assert [target for target in targets if not _leads_somewhere(document, target)] == []
