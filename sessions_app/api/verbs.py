"""The words agents try for our verbs: one table, published at /api/verbs.

Verbs only: a field that is not known stays an error, whatever it might have meant.
"""

from __future__ import annotations

import re

from sessions_app.api.door import ApiRequest, Place, operation
from sessions_app.api.showing import Data

router = Place("/verbs", "Verbs")

# By the noun in the address: our verb, and the other words that mean it.
VERBS: dict[str, dict[str, tuple[str, ...]]] = {
    "sessions": {
        "start": ("begin", "open", "enter"),
        "end": ("stop", "close", "finish", "leave"),
        "track-activity": ("track", "activity", "ping"),
    },
    "messages": {"post": ("add", "create", "say", "send", "write")},
    "agent-activity": {"post": ("add", "create", "log", "report", "track")},
    "items": {
        "add": ("create", "new", "propose"),
        "decide": (
            "accept",
            "approve",
            "close",
            "complete",
            "decision",
            "finish",
            "resolve",
            "settle",
        ),
        "park": ("defer", "hold", "pause", "postpone", "shelve", "snooze"),
        "keep": ("keep-open", "retain", "stay"),
        "explore": ("open", "reopen", "restart", "resume", "undecide", "unpark"),
        "contest": ("challenge", "disagree", "dispute", "object", "question"),
        "confirm": ("affirm", "ratify", "reaffirm", "stand", "uphold"),
    },
    "questions": {
        "ask": ("add", "create", "new"),
        "answer": ("answers", "reply", "respond"),
        "dismiss": ("cancel", "close", "drop", "ignore"),
        "withdraw": ("retract", "revoke", "take-back"),
    },
    "blockers": {
        "raise": ("add", "create", "new", "report"),
        "clear": ("close", "fix", "remove", "resolve", "unblock"),
        "done": ("complete", "finish", "mark-done"),
        "dismiss": ("cancel", "drop", "ignore"),
    },
    "steps": {
        "done": ("complete", "finish", "mark-done"),
        "snooze": ("defer", "later", "postpone"),
        "undo": ("restore", "unmark"),
    },
}
# The verbs by which one is added: a POST to the list itself.
_ADDS = {
    "messages": "post",
    "agent-activity": "post",
    "items": "add",
    "questions": "ask",
    "blockers": "raise",
}
# Where a verb stands in an address: after one of a noun, after the noun whose list it adds to, after
# the noun whose verbs name their object in the body.
_VERB_OF_ONE = re.compile(
    r"(?P<start>/api/projects/[^/]+/(?P<noun>items|questions|blockers)/[^/]+/)(?P<word>[^/]+)/?"
)
_VERB_OF_LIST = re.compile(rf"(?P<list>/api/projects/[^/]+/(?P<noun>{'|'.join(_ADDS)}))/(?P<word>[^/]+)/?")
_VERB_OF_ALL = re.compile(r"(?P<start>/api/(?:projects/[^/]+/)?(?P<noun>steps|sessions)/)(?P<word>[^/]+)/?")
# Under a noun, and no verbs.
_LISTS = {"history", "dependencies"}
# What is edited and deleted by another method than POST; a guess at it is told so.
_EDITED = {"items"}


@operation(router, "GET", "", gives={200: Data[dict[str, dict[str, tuple[str, ...]]]]}, may=None)
def verb_list(request: ApiRequest) -> Data[dict[str, dict[str, tuple[str, ...]]]]:
    """Every verb by its noun, and the other words that are taken for it."""
    return Data(data=VERBS)


def meant(method: str | None, path: str) -> str:
    """The address that was meant by this one.

    A POST's synonym of a verb becomes the verb, one of adding the list it adds to.
    """
    if method != "POST":
        return path
    if (match := _VERB_OF_LIST.fullmatch(path)) and _is(match, _ADDS[match["noun"]]):
        return match["list"]
    if match := _VERB_OF_ONE.fullmatch(path) or _VERB_OF_ALL.fullmatch(path):
        for verb in VERBS[match["noun"]].keys() - {_ADDS.get(match["noun"])}:
            if _is(match, verb):
                return match["start"] + verb
    return path


def correct_call(path: str) -> str:
    """A sentence that states the correct call for an address that is none, or ""."""
    match = _VERB_OF_ONE.fullmatch(path) or _VERB_OF_ALL.fullmatch(path)
    if match is None or match["word"] in _LISTS:
        return ""
    noun = match["noun"]
    calls = [f"POST {match['start']}{verb}" for verb in VERBS[noun] if verb != _ADDS.get(noun)]
    if noun in _EDITED:
        one = match["start"].rstrip("/")
        calls += [f"PATCH {one} edits it", f"DELETE {one} deletes it"]
    return f"There is no verb “{match['word']}” for {noun}: {', '.join(calls)}."


def _is(match: re.Match[str], verb: str) -> bool:
    word = match["word"].lower().replace("_", "-")
    return word == verb or word in VERBS[match["noun"]][verb]
