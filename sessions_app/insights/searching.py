"""What is typed into a search field, taken apart: whole words, and a last one that is still being typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

WORDS_MAX_CHARACTERS = 200

# A minus at the start of a word leaves out what follows it, be it a word or words in quotes.
_LEAVES_OUT = re.compile(r"(?:^|\s)-(?=[\w\"])")
# One letter begins too many words to be worth the wait; one sign of another script may be a word.
_LAST_WORD = re.compile(r"[^\W_]{2,}$|[^\W_\x00-\x7f]$")


@dataclass(frozen=True)
class Search:
    """A search as the database is asked: see `search_query()` in sql/functions/search_v1.sql."""

    words: str
    # Whether a word also counts as it is written, beside its stem. Not where something is left out: there
    # the stem alone says what goes.
    as_written: bool
    # The last word may be the beginning of one; "" where it is finished, or left out.
    before: str
    last: str

    @property
    def parameters(self) -> dict[str, object]:
        """By the names the statements know them by."""
        return {"words": self.words, "as_written": self.as_written, "before": self.before, "last": self.last}


def parse(text: str) -> Search:
    """Take apart what was typed; any text is fine."""
    words = " ".join(text.split())
    leaves_out = _LEAVES_OUT.search(words) is not None
    last = _LAST_WORD.search(words)
    if last is None or (leaves_out and _is_left_out(words, last.start())):
        return Search(words, not leaves_out, before="", last="")
    return Search(words, not leaves_out, before=words[: last.start()], last=last[0])


def _is_left_out(words: str, start: int) -> bool:
    """Whether the word that starts there belongs to what a minus leaves out."""
    before = words[:start]
    in_quotes = before.count('"') % 2 == 1
    return in_quotes or before.endswith("-")
