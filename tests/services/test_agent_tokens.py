"""Agent tokens: what an agent may be called, so that it passes for nobody else (case F10)."""

from __future__ import annotations

import pytest

from sessions_app import clock
from sessions_app.models import AgentToken
from sessions_app.services import agent_tokens
from sessions_app.services.errors import Invalid
from tests.conftest import Cast
from tests.doing import DAY, NINE, as_system, at_once, every, refused_field


def make(cast: Cast, agent_type: str, **more: object) -> AgentToken:
    token, _secret = as_system(
        cast, agent_tokens.create_agent_token, cast.ann, name="T", agent_type=agent_type, **more
    )
    return token


@pytest.mark.parametrize(
    "alike",
    [
        "recorderagent",
        "Recorder Agent",
        "Recorder\u200bAgent",
        "ＲｅｃｏｒｄｅｒＡｇｅｎｔ",
        "gapDetectionAgent",
        "clarificationAgent",
        "\u202eVerificationAgent",
        "plannerAgent",
        "Planner\u00adAgent",
        "ann",
        "B\u200dob",
        "ＶＥＲＡ",
    ],
)
def test_a_name_that_reads_like_anothers_is_refused(cast: Cast, alike: str) -> None:
    make(cast, "PlannerAgent")
    assert refused_field(make, cast, alike) == "agent_type"
    assert [token.agent_type for token in every(AgentToken, cast)] == ["PlannerAgent"]


def test_the_same_name_is_the_same_agent(cast: Cast) -> None:
    """To the letter: a second token; also of an agent that the platform brings along."""
    for name in ("PlannerAgent", "PlannerAgent", "ClarificationAgent"):
        make(cast, name)
    assert len(every(AgentToken, cast)) == 3


def test_whose_tokens_are_over_has_left_its_name(cast: Cast) -> None:
    as_system(cast, agent_tokens.revoke_agent_token, make(cast, "PlannerAgent").id)
    make(cast, "plannerAgent")
    with clock.at(NINE):
        make(cast, "ScoutAgent", expires_at=NINE + DAY)
        assert refused_field(make, cast, "scoutagent") == "agent_type"
    with clock.at(NINE + 2 * DAY):
        make(cast, "scoutagent")


def test_another_projects_names_are_no_concern(cast: Cast) -> None:
    make(cast, "Zoe")


def test_of_two_at_once_that_read_alike_one_is_made(cast: Cast) -> None:
    results = at_once(lambda: make(cast, "PlannerAgent"), lambda: make(cast, "plannerAgent"))
    assert sorted(type(result) for result in results if isinstance(result, Exception)) == [Invalid]
    assert len(every(AgentToken, cast)) == 1
