"""Whether a message ends in a question that somebody should answer."""

from __future__ import annotations

import re

from sessions_app.insights.plain_lines import own_lines, sentences

# "Really?", "Right?", "Why not?" want no answer of their own.
LEAST_WORDS = 3
# What is longer is quoted in part.
MOST_CHARACTERS = 400

_CLOSERS = " \t\"'”’)]*_"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_RHETORICAL = re.compile(
    r"(?:who\s+(?:knows|cares)|what\s+else|how\s+about\s+that|you\s+know\s+what|guess\s+what)\b", re.I
)


def open_question(text: str) -> str:
    """The question at the end of a message, at most MOST_CHARACTERS long; empty when there is none.

    Commands, quotes of others, code, and questions of one or two words are none.
    """
    lines = list(own_lines(text))
    # What ends in a quote or in code asks nothing itself.
    if not lines or lines[-1].startswith("/") or not _ends_with(text, lines[-1]):
        return ""
    last = sentences(lines[-1])[-1]
    # Signs and pictures after it change nothing: "Who has the key? 🙂"
    plain = re.sub(r"[^\w?!.…]+$", "", last.rstrip(_CLOSERS))
    if not plain.endswith("?") and len(sentences(lines[-1])) > 1 and not _WORD.search(last):
        plain = sentences(lines[-1])[-2].rstrip(_CLOSERS)
    if (
        not plain.rstrip("!").endswith("?")
        or len(_WORD.findall(plain)) < LEAST_WORDS
        or _RHETORICAL.match(plain)
    ):
        return ""
    return plain if len(plain) <= MOST_CHARACTERS else f"… {plain[-MOST_CHARACTERS:].partition(' ')[2]}"


def _ends_with(text: str, line: str) -> bool:
    return text.rstrip().endswith(line)
