"""How alike two short texts are, and whether one says the opposite: by their words alone, no model."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

# Of all words of both, so many must be found in the other: of ten, one may be missing.
SAME = 0.9
# Besides what is opposed in them, two titles that contradict each other speak of the same thing.
ABOUT_THE_SAME = 0.75
# One typing error in a word of six letters; shorter words differ by meaning.
ALIKE = 0.85
ALIKE_MIN_LETTERS = 6


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LITTLE = _set("""
    a an the of to in on at for from by with and or as is are be was were been will shall should can
    it its this that these those we our us you your i my they their them there here do does did let
    let's lets so then also just now
""")
_NEGATIONS = _set("""
    not no never without none against avoid stop skip drop cancel cannot
""")
# What says which comes first: then the order of the words is part of what is said.
_ORDERING = frozenset(["before", "after", "over", "under", "above", "below", "than", "from", "instead"])
_OPPOSED = frozenset(
    frozenset(pair.split("/"))
    for pair in _set("""
    open/close open/closed close/opened closed/opened allow/forbid allow/ban allowed/forbidden
    allowed/banned public/private free/paid build/buy keep/remove keep/delete add/remove add/delete
    more/less more/fewer increase/decrease raise/lower higher/lower early/late earlier/later
    inside/outside indoor/outdoor indoors/outdoors online/offline large/small big/small long/short
    include/exclude enable/disable required/optional mandatory/optional manual/automatic
    accept/reject hire/fire daily/weekly daily/monthly weekly/monthly morning/evening
    morning/afternoon digital/paper centralised/decentralised local/remote sync/async
""")
)


@dataclass(frozen=True, slots=True)
class Words:
    """A text's words that carry meaning: folded, in their order, without little ones and negations."""

    all: tuple[str, ...]
    is_negated: bool
    is_ordered: bool

    @property
    def set(self) -> frozenset[str]:
        return frozenset(self.all)

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(word for word in self.all if any(map(str.isdigit, word)))


def words(text: str) -> Words:
    """Read a text's words. An odd number of negations negates it."""
    found = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    negations = sum(_negates(word) for word in found)
    meaning = [_singular(word) for word in found if word not in _LITTLE and not _negates(word)]
    return Words(tuple(meaning), negations % 2 == 1, bool(_ORDERING.intersection(found)))


def are_same(one: Words, other: Words) -> bool:
    """Whether two titles name the same thing: but for a typing error, or one word in a long title."""
    if not one.all or not other.all:
        return False
    if one.is_negated != other.is_negated or one.numbers != other.numbers:
        return False
    if (one.is_ordered or other.is_ordered) and one.all != other.all:
        return False
    return _share(one.set, other.set) >= SAME


def contradict(one: Words, other: Words, *, other_was_rejected: bool = False) -> bool:
    """Whether two titles seem to say opposite things of the same: "Open on Sundays", "Closed on Sundays".

    `other_was_rejected`: it was decided that it is not to be. Only a reason to ask, never a fact.
    """
    if one.numbers != other.numbers:
        return False
    pair = _opposed_in(one.set, other.set)
    negations = (one.is_negated != other.is_negated) != other_was_rejected
    if bool(pair) == negations:
        # Nothing is opposed, or two negations make a yes.
        return False
    left, right = one.set - pair, other.set - pair
    # Where only a "not" tells them apart, one common word is too little to know what they speak of.
    return len(left & right) >= (1 if pair else 2) and _share(left, right) >= ABOUT_THE_SAME


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of both is in the other, 0 to 1."""
    common = one & other
    rest, found = set(other - common), len(common)
    # In a stable order, so that the same two texts are always alike to the same degree.
    for word in sorted(one - common):
        alike = next((each for each in sorted(rest) if _is_typo(word, each)), None)
        if alike is not None:
            rest.discard(alike)
            found += 1
    return 2 * found / (len(one) + len(other)) if one or other else 0.0


def _is_typo(word: str, other: str) -> bool:
    return (
        min(len(word), len(other)) >= ALIKE_MIN_LETTERS
        and word[0] == other[0]
        and frozenset((word, other)) not in _OPPOSED
        and SequenceMatcher(None, word, other, autojunk=False).ratio() >= ALIKE
    )


def _opposed_in(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """The one pair of words that are opposed; nothing when there is none, or more than one."""
    pairs = {
        frozenset((word, against))
        for word in one - other
        for against in other - one
        if frozenset((word, against)) in _OPPOSED
    }
    return pairs.pop() if len(pairs) == 1 else frozenset()


def _negates(word: str) -> bool:
    return word in _NEGATIONS or word.endswith(("n't", "n’t"))


def _singular(word: str) -> str:
    word = word.removesuffix("'s").removesuffix("’s")
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1]
