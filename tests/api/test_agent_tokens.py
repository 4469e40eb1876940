"""Agent tokens by the API: shown once, revoked, and named like nobody else."""

from __future__ import annotations

from sessions_app.models import AgentToken
from tests.api.conftest import Program, data, fields, problem
from tests.conftest import Cast
from tests.doing import every

NEW = {"name": "Nightly", "agentType": "PlannerAgent"}


def test_one_is_told_once_and_revoked(ann: Program, cast: Cast, here: str) -> None:
    made = data(ann.post(f"{here}/agent-tokens", NEW), 201)
    agent = Program(made["token"])
    assert agent.get(f"{here}/briefing").status_code == 200
    (listed,) = data(ann.get(f"{here}/agent-tokens"))
    assert "token" not in listed
    assert (listed["hint"], listed["lastUsedAt"] is None) == (made["token"][-4:], False)
    for _ in range(2):
        assert ann.call("DELETE", f"{here}/agent-tokens/{made['id']}").status_code == 200
    problem(agent.get(f"{here}/briefing"), 401)
    assert data(ann.get(f"{here}/agent-tokens"))[0]["revokedAt"]


def test_an_agents_name_reads_like_nobody_elses(ann: Program, cast: Cast, here: str) -> None:
    """Case F10."""
    data(ann.post(f"{here}/agent-tokens", NEW), 201)
    for name in ("Planner\u200bAgent", "recorderagent", "Ａｎｎ"):
        assert fields(ann.post(f"{here}/agent-tokens", NEW | {"agentType": name})) == ["agentType"]
    assert len(every(AgentToken, cast)) == 1
