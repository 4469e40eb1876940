"""What a message says in plain words that is to be recorded: "we decided …", "let's park …".

Rather too little than too much: only whole sentences that say so as a fact, from their start. Questions,
negations, hypotheses, hearsay and what is quoted of others say nothing. What is missed can be said by
a command (commands.py).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from sessions_app.insights.commands import Slip, Statement, read_command, split_reason
from sessions_app.insights.plain_lines import own_lines, sentences

# More in one message is a pasted list: its first are read, and people see which.
MOST_STATEMENTS = 10
# A longer one is no title.
TITLE_MAX_CHARACTERS = 140
_SENTENCE_MAX_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class Heard:
    """What one message says, in its order, and the commands in it that cannot be followed."""

    statements: tuple[Statement, ...] = ()
    slips: tuple[Slip, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.statements or self.slips)


def read(text: str) -> Heard:
    """Read one message."""
    found: list[Statement | Slip] = []
    for line in own_lines(text):
        command = read_command(line)
        if command is not None:
            found.append(command)
        elif not line.startswith("/"):
            found.extend(
                statement
                for sentence in sentences(line)
                if (statement := read_sentence(sentence)) is not None
            )
    first = found[:MOST_STATEMENTS]
    return Heard(
        tuple(each for each in first if isinstance(each, Statement)),
        tuple(each for each in first if isinstance(each, Slip)),
    )


def read_sentence(sentence: str) -> Statement | None:
    """What one sentence says, or None."""
    if len(sentence) > _SENTENCE_MAX_CHARACTERS or "?" in sentence or sentence[0] in "\"'“”‘«„":
        return None
    for clause in _clauses(sentence):
        for verb, confidence, pattern in _PATTERNS:
            if match := pattern.fullmatch(clause):
                return _statement(verb, confidence, match, sentence)
    return None


# What may stand before the words without changing what they say.
_LEAD = r"""(?:(?:ok(?:ay)?|so|well|yes|yeah|yep|right|great|good|fine|cool|perfect|alright|all\ right|and
    |then|thus|therefore|finally|today|yesterday|this\ morning|last\ night|in\ the\ end
    |(?:in|at)\ the\ meeting
    |after\ (?:some|much|long|a\ lot\ of|a\ long)\ (?:discussion|thought|debate)
    |fyi|update|note|for\ the\ record|@\S+)\b\s*[,:!.–—-]*\s+)*"""
_ADVERBS = r"(?:\s+(?:all|both|just|now|finally|already|jointly|together|unanimously|therefore|also))*"
_WHEN = r"""(?:\s+(?:today|yesterday|now|together|unanimously|this\ morning|last\ (?:night|week|month)
    |(?:in|at)\ the\ meeting))*"""
_WHAT = r"\s+(?P<what>\S.*)"
_LETS = r"let(?:['’]?s|\ us)(?:\s+(?:just|rather|better|then|all|now))*"
_WE_WILL = r"we(?:['’]ll|\s+will|['’]re\ going\ to|\s+are\ going\ to)(?:\s+(?:just|now|all))*"


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(_LEAD + words, re.IGNORECASE | re.VERBOSE)


_PATTERNS: tuple[tuple[Literal["decide", "park", "explore"], float, re.Pattern[str]], ...] = (
    (
        "decide",
        0.8,
        _pattern(
            rf"we(?:['’]ve|\s+have)?{_ADVERBS}\s+(?:decided|agreed|resolved){_WHEN}\s*[:,]?"
            rf"(?:\s+(?P<not>not\s+to|against))?(?:\s+(?:that|to|on|upon|for))?{_WHAT}"
        ),
    ),
    (
        "decide",
        0.8,
        _pattern(
            r"(?:it['’]s|it\s+is|it\s+was|it\s+has\s+been|that['’]s|that\s+is)(?:\s+(?:now|hereby))?"
            rf"\s+(?:decided|agreed|settled)(?:\s*[:,–—]|\s+(?:that|to)){_WHAT}"
        ),
    ),
    (
        "decide",
        0.8,
        _pattern(rf"[*_]*(?:(?:final\s+|our\s+)?decision|decided|agreed)[*_]*\s*:[*_]*{_WHAT}"),
    ),
    (
        "decide",
        0.7,
        _pattern(rf"(?:{_LETS}|{_WE_WILL})\s+(?:go(?:\s+ahead)?\s+with|settle\s+on){_WHAT}"),
    ),
    ("decide", 0.7, _pattern(rf"we(?:['’]re|\s+are){_ADVERBS}\s+going(?:\s+ahead)?\s+with{_WHAT}")),
    ("park", 0.7, _pattern(rf"(?:{_LETS}|{_WE_WILL})\s+(?:park|shelve|postpone){_WHAT}")),
    (
        "park",
        0.7,
        _pattern(
            rf"(?:{_LETS}|{_WE_WILL})\s+put\s+(?P<what>\S.*?)\s+(?:on\s+hold|on\s+ice|aside)(?P<tail>\b.*)?"
        ),
    ),
    ("park", 0.7, _pattern(rf"we(?:['’]ve|\s+have)?{_ADVERBS}\s+(?:parked|shelved|postponed){_WHAT}")),
    ("park", 0.7, _pattern(rf"[*_]*parked[*_]*\s*:[*_]*{_WHAT}")),
    ("explore", 0.6, _pattern(rf"{_LETS}\s+(?:explore|reopen|re-open|look\s+into|investigate){_WHAT}")),
)

# Where a second clause may begin that stands for itself: "It rained, so we decided …".
_JOINT = re.compile(r"[,;:–—]\s+(?:and\s+so|so|and|then|therefore|hence)\s+|\s[–—-]\s", re.IGNORECASE)
# After one of these the rest is no fact: it is asked, supposed, wished, denied, or told of others.
_NO_FACT = re.compile(
    r"\b(?:if|unless|whether|when|whenever|once|until|till|before|suppose|supposing|imagine|assuming|maybe"
    r"|perhaps|would|could|should|might|may|wish|said|says|thought|think|thinks|heard|claims?|told|not|never|nobody"
    r"|nothing|hardly|almost)\b|n['’]t\b",
    re.IGNORECASE,
)
# What takes back at the end what was said before.
_CONDITION = re.compile(
    r"\b(?:unless|provided|as\s+long\s+as)\b"
    r"|\bif\s+(?:you|no|nobody|everybody|everyone|all|we|it|it['’]s|that|that['’]s|ann|there)\b"
    r"|\b(?:or\s+not|or\s+what)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\s*[,;–—(]\s*(?:but|although|though|however|even\s+though|right|ok|okay)\b.*", re.IGNORECASE
)
_BEGINNING = re.compile(
    r"(?:that\s+|on\s+|to\s+)?(?:we(?:['’]ll|\s+will|\s+shall|['’]re\s+going\s+to|\s+are\s+going\s+to|\s+should"
    r"|\s+would|\s+can)\s+)?(?:to\s+)?(?:(?:go|going)\s+(?:ahead\s+)?with\s+)?",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"[\s,;–—-]+(?:then|please|for\s+now|for\s+the\s+(?:moment|time\s+being)|for\s+later|until\s+(?:later|then"
    r"|further\s+notice)|instead|after\s+all|as\s+well|too|today|yesterday|now)$",
    re.IGNORECASE,
)
_UNTIL_DAY = re.compile(r"[\s,;]+until\s+(\d{4}-\d{2}-\d{2})$", re.IGNORECASE)
_UNTIL = re.compile(r"[\s,;]+(until\s+\S.*)$", re.IGNORECASE)


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What points at something said before, and names nothing.
_POINTING = _set("""
    a an the it this that these those them they he she him her his hers one ones first second third
    last latter former next other another both all everything something anything nothing none option
    options idea ideas plan plans proposal suggestion version choice yours mine ours theirs your my
    our their topic thing things point issue discussion question decision way so same new old b c d
    i ii iii pending open tbd unclear later soon do go ahead try today tomorrow yesterday monday
    tuesday wednesday thursday friday saturday sunday
""")
# What is agreed on and decides nothing: to speak of it later; and what "agreed" and "park" mean otherwise.
_UNDECIDED = re.compile(
    r"(?:(?:to\s+)?(?:discuss|talk|meet|decide|think|wait|postpone|revisit|disagree|come\s+back|check|ask|see)\b"
    r"|with\b|in\s+principle\b|nothing\b|(?:what|which|who|whom|when|where|why|how|whether|if)\b)",
    re.IGNORECASE,
)
_VEHICLES = re.compile(
    r"(?:(?:the|our|my|your|a)\s+)?(?:cars?|bikes?|vans?|bus|buses|trucks?|lorry|trailer)\b|(?:in|at|on|near|by|behind"
    r"|outside|here|there|over|next|somewhere)\b",
    re.IGNORECASE,
)


def _clauses(sentence: str) -> list[str]:
    """The sentence, and what follows each joint in it as long as all before is plain fact."""
    whole = sentence.strip().rstrip(".!… \t")
    found = [whole]
    for joint in _JOINT.finditer(whole):
        if _NO_FACT.search(whole[: joint.start()]):
            break
        found.append(whole[joint.end() :])
    return found


def _statement(
    verb: Literal["decide", "park", "explore"], confidence: float, match: re.Match[str], sentence: str
) -> Statement | None:
    parts = match.groupdict()
    what = parts["what"] + (parts.get("tail") or "")
    if _CONDITION.search(what) or (verb == "park" and _VEHICLES.match(what)):
        return None
    if verb == "decide" and _UNDECIDED.match(what):
        return None
    named, reason = split_reason(what)
    named, until, until_words = (
        _until(_ASIDE.sub("", named)) if verb == "park" else (_ASIDE.sub("", named), None, "")
    )
    title = _title(named)
    if parts.get("not") and title:
        title = f"Do not {title}" if parts["not"].lower().startswith("not") else f"No {title}"
    if not _names_something(title):
        return None
    return Statement(verb, title[0].upper() + title[1:], sentence, reason or until_words, until, confidence)


def _until(text: str) -> tuple[str, dt.date | None, str]:
    """A text without the "until …" at its end, the day that names, or else its words."""
    if dated := _UNTIL_DAY.search(text):
        try:
            return text[: dated.start()], dt.date.fromisoformat(dated[1]), ""
        except ValueError:
            return text[: dated.start()], None, dated[0].strip(" ,;")
    text = _ENDING.sub("", text)
    if worded := _UNTIL.search(text):
        return text[: worded.start()], None, worded[1]
    return text, None, ""


def _title(text: str) -> str:
    text = _BEGINNING.sub("", text.strip(), count=1)
    while (shorter := _ENDING.sub("", text)) != text:
        text = shorter
    return " ".join(text.split()).strip(" \t,;:.!–—-*_`\"'“”‘’«»")


def _names_something(title: str) -> bool:
    if not 2 < len(title) <= TITLE_MAX_CHARACTERS:
        return False
    named = [word for word in re.findall(r"[^\W_]+", title.casefold()) if word not in _POINTING]
    return any(not word.isdigit() for word in named)
