"""Secrets that would be known again wherever they came up, and where the product writes its logs."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.cases import CASES
from tests.faults.product import Product


@dataclass
class Canaries:
    """What nobody but its owner may read, each by what it is."""

    words: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, what: str) -> str:
        """The word for this, always the same: made of letters, so that it fits wherever a text does."""
        return self.words.setdefault(what, f"Canary{secrets.token_hex(10)}")

    def keep(self, what: str, word: str) -> str:
        """Note a secret that the product made."""
        self.words[what] = word
        return word

    def found_in(self, text: str) -> list[str]:
        """What of it stands in a text."""
        return [what for what, word in self.words.items() if word in text]


# What tokens, tickets and webhooks' secrets look like.
_SHAPES = re.compile(
    r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}|\b(?:loa|lor|lot)_[\w.-]{20,}|\bwhsec_[\w+/=-]{20,}"
)


def lines_with_secrets(product: Product) -> list[tuple[str, str]]:
    """Files of log and their lines in which a person's cookie stands, or what looks like a secret."""
    cookies = {cookie for person in product.people for cookie in person.cookies.values()}
    # One that was taken back is empty, or two quotation marks.
    cookies = {cookie for cookie in cookies if len(cookie) > 2}
    return [
        (log.name, line)
        for log in logs_of(product)
        if _SHAPES.search(text := log.read_text(errors="replace")) or any(each in text for each in cookies)
        for line in text.split("\n")
        if _SHAPES.search(line) or any(each in line for each in cookies)
    ]


def fail_for_secrets(product: Product) -> None:
    """Fail whichever test used it last, whatever was done to it, when its logs hold a secret (J08)."""
    if found := lines_with_secrets(product):
        files = ", ".join(sorted({file for file, _ in found}))
        pytest.fail(f"J08 {CASES['J08']}: secrets in {files}: {found[:5]}")


def log_lines(product: Product) -> Iterator[str]:
    """Every line that a process of the product wrote, PostgreSQL's own among them."""
    for log in logs_of(product):
        yield from log.read_text(errors="replace").split("\n")


def logs_of(product: Product) -> list[Path]:
    """Its processes' logs, and PostgreSQL's own once it has been started."""
    own = product.data_dir / "postgres.log"
    return [*product.folder.glob("*.log"), *([own] if own.exists() else [])]
