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
    "items": {
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
        "explore": ("open", "reopen", "restart", "resume", "undecide", "unpark"),
        "contest": ("challenge", "disagree", "dispute", "object", "question"),
        "confirm": ("affirm", "ratify", "reaffirm", "stand", "uphold"),
    },
    "questions": {
        "answer": ("answers", "reply", "respond"),
        "dismiss": ("cancel", "close", "drop", "ignore"),
    },
    "blockers": {
        "clear": ("close", "fix", "remove", "resolve", "unblock"),
        "dismiss": ("cancel", "drop", "ignore"),
    },
    "steps": {
        "done": ("complete", "finish", "mark-done"),
        "snooze": ("defer", "later", "postpone"),
        "undo": ("restore", "unmark"),
    },
}
# What follows a project's noun in an address; `steps` are named in the body.
_VERB_OF_ONE = re.compile(
    r"(?P<start>/api/projects/[^/]+/(?P<noun>items|questions|blockers)/[^/]+/)(?P<word>[^/]+)"
)
_VERB_OF_ALL = re.compile(r"(?P<start>/api/projects/[^/]+/(?P<noun>steps)/)(?P<word>[^/]+)")
# Under a noun, and no verbs.
_LISTS = {"history", "dependencies"}


@operation(router, "GET", "", gives={200: Data[dict[str, dict[str, tuple[str, ...]]]]}, may=None)
def verb_list(request: ApiRequest) -> Data[dict[str, dict[str, tuple[str, ...]]]]:
    """Every verb by its noun, and the other words that are taken for it."""
    return Data(data=VERBS)


def meant(method: str | None, path: str) -> str:
    """The address that was meant by this one: a POST's synonym of a verb becomes the verb."""
    match = _VERB_OF_ONE.fullmatch(path) or _VERB_OF_ALL.fullmatch(path)
    if method != "POST" or match is None:
        return path
    word = match["word"].lower().replace("_", "-")
    for verb, others in VERBS[match["noun"]].items():
        if word == verb or word in others:
            return match["start"] + verb
    return path


def correct_call(path: str) -> str:
    """A sentence that states the correct call for an address that is none, or ""."""
    match = _VERB_OF_ONE.fullmatch(path) or _VERB_OF_ALL.fullmatch(path)
    if match is None or match["word"] in _LISTS:
        return ""
    verbs = ", ".join(f"{match['start']}{verb}" for verb in VERBS[match["noun"]])
    return f"There is no verb “{match['word']}” for {match['noun']}: POST to one of {verbs}."
