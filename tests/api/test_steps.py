"""Marks on steps by the API: every published word does its verb."""

from __future__ import annotations

import pytest

from sessions_app.api.verbs import VERBS
from tests.api.conftest import Program, data
from tests.conftest import Cast
from tests.doing import add

BODIES: dict[str, dict[str, str]] = {"done": {}, "snooze": {"until": "day"}, "undo": {}}


@pytest.mark.parametrize("verb", VERBS["steps"])
def test_every_word_for_it_does_it(ann: Program, cast: Cast, here: str, verb: str) -> None:
    add(cast, "One")
    listed = f"/sessions/suggested-steps/{cast.project.id}"
    step = data(ann.get(listed))[0]["id"]
    for word in (verb, verb.upper(), *VERBS["steps"][verb], verb.replace("-", "_")):
        before = "done" if verb == "undo" else "undo"
        assert ann.post(f"{here}/steps/{before}", {"stepId": step}).status_code == 200
        assert ann.post(f"{here}/steps/{word}", {"stepId": step} | BODIES[verb]).status_code == 200, word
        is_shown = step in [row["id"] for row in data(ann.get(listed))]
        assert is_shown == (verb == "undo"), word
