"""The briefing over the wire: at most 16 KB, whatever the project holds."""

from __future__ import annotations

import pytest

from sessions_app.services import agents, items, questions
from tests.api.conftest import Program, data
from tests.conftest import Cast
from tests.doing import add, as_system, do, report

MOST_BYTES = 16 * 1024
# Three bytes each, and the longest that a title or a text may be.
LONG = "語" * 300


@pytest.fixture
def large(cast: Cast) -> None:
    """More of everything than a briefing has room for, in words as long as they may be."""
    made = add(cast, *(f"{number} {LONG}"[:300] for number in range(40)))
    for item in made[:15]:
        do(cast, "bob", items.decide_item, item.id, reason=LONG * 6)
    for number in range(25):
        asked = as_system(
            cast,
            questions.ask_question,
            "PlannerAgent",
            text=f"{number} {LONG * 6}",
            options=[LONG] * 10,
            blocks=[made[20].id],
        )
    do(cast, "ann", questions.answer_question, asked.id, answer=LONG * 60)
    report(cast, "ScoutAgent", {"gaps": [f"{number} {LONG * 2}" for number in range(25)]})
    hand_over = {"summary": LONG * 6, "next": [LONG * 2] * 10}
    as_system(
        cast,
        agents.post_agent_activity,
        agent_type="ScoutAgent",
        action="hands off",
        details={"handOff": hand_over},
    )


@pytest.mark.parametrize("form", ["markdown", "json"])
def test_it_is_never_longer_than_16_kb(
    ann: Program, agent: Program, large: None, here: str, form: str
) -> None:
    for who in (ann, agent):
        answer = who.get(f"{here}/briefing?format={form}&since=0")
        assert answer.status_code == 200
        # It says much, and keeps to its size.
        assert MOST_BYTES / 4 < len(answer.content) <= MOST_BYTES
        assert answer.content.decode()


def test_what_has_no_room_is_counted_and_said_where_to_read(agent: Program, large: None, here: str) -> None:
    told = data(agent.get(f"{here}/briefing?since=0"))
    for section in ("decided", "openQuestions", "blockers", "exploring"):
        assert told[section]["total"] > len(told[section]["rows"])
        rest = told[section]["rest"].removeprefix("GET /api")
        assert agent.get(rest).status_code == 200, told[section]["rest"]
    read = agent.get(f"{here}/briefing?format=markdown&since=0")
    assert read.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert read.text.startswith("# Briefing: Lighthouse")
