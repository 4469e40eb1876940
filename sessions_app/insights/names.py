"""Names that read alike, and what is shown beside the name of people who share it."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

# Letters and marks of other categories that are drawn as nothing: fillers of Hangul and Khmer, the joiner of
# graphemes, and what chooses among the shapes of the letter before.
_DRAWN_AS_NOTHING = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0x180B, 0x1810)))
).union(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))

# The marks that begin and end an isolate (UAX #9).
_ISOLATES = dict.fromkeys(range(0x2066, 0x206A))


@dataclass(frozen=True)
class Named:
    """A person by the two things others know them by."""

    id: UUID
    name: str
    email: str


def folded_name(text: str) -> str:
    """What is left of a name when all that readers overlook is taken away; equal for names that read alike.

    Case, width, ligatures and the ways to write an accent (NFKC and case folding), white space, and what is
    drawn as nothing (zero width, marks of direction). Letters of other alphabets stay what they are.
    """
    read = seen(unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", read.casefold()))


def seen(text: str) -> str:
    """What a reader sees of it, without white space and what is drawn as nothing."""
    return "".join(each for each in text if not _is_unseen(each))


def initials(name: str) -> str:
    """One or two letters that stand for a name."""
    words = [word for part in name.split() if (word := seen(part))]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing of it."""
    return all(map(_is_unseen, text))


def without_isolates(text: str) -> str:
    """The text without marks that set a part of it apart in its direction.

    A page sets each text apart by itself. A mark that the text leaves open would take the page's closing one
    for its own, and what follows the text would be turned round with it.
    """
    return text.translate(_ISOLATES)


def marks_apart(people: Iterable[Named]) -> dict[UUID, str]:
    """What tells those apart whose names read alike: of their e-mail what stands before the @.

    All of it for those of whom that is alike too. Whose name is their own is not among them.
    """
    marks: dict[UUID, str] = {}
    for namesakes in _alike((each.name, each) for each in people):
        for same in _alike((_local(each), each) for each in namesakes):
            marks |= {each.id: each.email for each in same}
        marks = {each.id: _local(each) for each in namesakes} | marks
    return marks


def _alike(named: Iterable[tuple[str, Named]]) -> list[list[Named]]:
    """Those who share a name with somebody, together."""
    groups: defaultdict[str, list[Named]] = defaultdict(list)
    for name, each in named:
        groups[folded_name(name)].append(each)
    return [group for group in groups.values() if len(group) > 1]


def _local(person: Named) -> str:
    return person.email.partition("@")[0]


def _is_unseen(character: str) -> bool:
    return (
        character.isspace()
        or unicodedata.category(character) in ("Cc", "Cf")
        or character in _DRAWN_AS_NOTHING
    )
