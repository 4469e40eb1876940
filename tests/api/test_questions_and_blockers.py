"""What programs read and do of questions and blockers."""

from __future__ import annotations

import pytest

from sessions_app.models import Blocker, Question
from sessions_app.services import members
from tests.api.conftest import Program, data, fields, problem
from tests.conftest import Cast
from tests.doing import add, again, do, the


def test_a_question_says_how_far_its_answer_reaches(
    agent: Program, ann: Program, cast: Cast, here: str
) -> None:
    lamp, horn = add(cast, "Lamp", "Horn")
    body = {"text": "How bright?", "blocks": [str(lamp.id), str(horn.id)]}
    asked = data(agent.post(f"{here}/questions", body), 201)
    assert (asked["frees"], asked["helps"]) == (2, 0)
    data(ann.post(f"{here}/blockers", {"text": "No money", "blocks": [str(horn.id)]}), 201)
    (listed,) = data(agent.get(f"{here}/questions?status=open"))
    read = data(agent.get(f"{here}/questions/{asked['id']}"))
    for shown in (listed, read):
        assert (shown["frees"], shown["helps"]) == (1, 1)
    answered = data(ann.post(f"{here}/questions/{asked['id']}/answer", {"answer": "Very"}))
    assert (answered["frees"], answered["helps"]) == (0, 0)
    briefing = data(agent.get(f"{here}/briefing?since=0"))
    assert [(row["answer"], row["how"]) for row in briefing["answers"]["rows"]] == [("Very", None)]


@pytest.mark.parametrize("verb", ["withdraw", "Take_Back"])
def test_an_agent_withdraws_its_own_question(agent: Program, cast: Cast, here: str, verb: str) -> None:
    asked = data(agent.post(f"{here}/questions", {"text": "How bright?"}), 201)
    over = data(agent.post(f"{here}/questions/{asked['id']}/{verb}", {}))
    assert (over["status"], over["endedHow"]) == ("dismissed", "withdrawn by the agent that asked")
    problem(agent.post(f"{here}/questions/{asked['id']}/{verb}", {}), 409)


def test_a_person_withdraws_for_the_agent_that_they_name(
    agent: Program, ann: Program, cast: Cast, here: str
) -> None:
    asked = data(agent.post(f"{here}/questions", {"text": "How bright?"}), 201)
    path = f"{here}/questions/{asked['id']}/withdraw"
    assert fields(ann.post(path, {})) == ["agentType"]
    problem(ann.post(path, {"agentType": "OtherAgent"}), 403)
    data(ann.post(path, {"agentType": asked["agentType"]}))
    assert the(Question, cast).status == "dismissed"


def test_a_person_says_on_what_it_waits(ann: Program, bob: Program, cast: Cast, here: str) -> None:
    lamp, day = add(cast, "Lamp", "The day")
    cases = (
        ({"userId": str(cast.bob.id)}, {"userId": str(cast.bob.id), "name": "Bob", "isMember": True}),
        ({"itemId": str(day.id)}, {"itemId": str(day.id), "title": "The day"}),
        ({"until": "2100-01-01T08:00:00Z"}, {"until": "2100-01-01T08:00:00Z"}),
        (None, None),
    )
    for number, (waits_for, shown) in enumerate(cases):
        body = {"text": f"Stuck {number}", "type": "decision", "blocks": [str(lamp.id)]}
        raised = data(
            ann.post(f"{here}/blockers", body | ({"waitsFor": waits_for} if waits_for else {})), 201
        )
        assert (raised["source"], raised["raisedBy"], raised["agentType"]) == ("person", "Ann", None)
        assert known(raised) == shown
    listed = data(bob.get(f"{here}/blockers"))
    summed = data(bob.get(f"/sessions/summary/me/{cast.project.id}"))["activeBlockers"]
    expected = {f"Stuck {number}": shown for number, (_, shown) in enumerate(cases)}
    for rows in (listed, [row for row in summed if row["source"] == "person"]):
        assert {row["text"]: known(row) for row in rows} == expected
    assert summed[0]["text"] == "Stuck 0", "what waits for oneself comes first"


def test_whoever_left_is_said_to_be_no_member(ann: Program, cast: Cast, here: str) -> None:
    body = {"text": "No money", "waitsFor": {"userId": str(cast.bob.id)}}
    data(ann.post(f"{here}/blockers", body), 201)
    do(cast, "ann", members.remove_member, cast.bob.id)
    assert data(ann.get(f"{here}/blockers"))[0]["waitsFor"]["isMember"] is False
    (row,) = data(ann.get(f"{here}/briefing"))["blockers"]["rows"]
    assert (row["text"], row["waitsFor"]) == ("No money", None)


def test_what_it_waits_on_is_refused_by_its_field(
    ann: Program, agent: Program, cast: Cast, here: str
) -> None:
    (lamp,) = add(cast, "Lamp")
    path = f"{here}/blockers"
    for waits_for, field in (
        ({"userId": str(cast.zoe.id)}, "waitsFor.userId"),
        ({"itemId": str(cast.zoe.id)}, "waitsFor.itemId"),
        ({"until": "2020-01-01T08:00:00Z"}, "waitsFor.until"),
        ({"userId": str(cast.bob.id), "itemId": str(lamp.id)}, "waitsFor.itemId"),
        ({"userId": "Bob"}, "waitsFor.userId"),
        ({"who": "Bob"}, "waitsFor.who"),
        ("Bob", "waitsFor"),
    ):
        assert fields(ann.post(path, {"text": "No money", "waitsFor": waits_for})) == [field]
    assert fields(agent.post(path, {"text": "No money", "waitsFor": {"userId": str(cast.bob.id)}})) == [
        "waitsFor"
    ]


def test_the_same_while_it_is_open_is_told(ann: Program, bob: Program, here: str) -> None:
    data(ann.post(f"{here}/blockers", {"text": "No money"}), 201)
    problem(bob.post(f"{here}/blockers", {"text": "no money"}), 409)


def test_whom_it_waits_for_says_that_it_is_done(ann: Program, bob: Program, cast: Cast, here: str) -> None:
    body = {"text": "No money", "waitsFor": {"userId": str(cast.bob.id)}}
    raised = data(ann.post(f"{here}/blockers", body), 201)
    path = f"{here}/blockers/{raised['id']}/done"
    problem(ann.post(path), 403)
    step = data(bob.get(f"/sessions/suggested-steps/{cast.project.id}"))[0]
    assert (step["id"], step["text"]) == (f"blocker:{raised['id']}", "Ann waits for you: No money")
    over = data(bob.post(path))
    assert (over["status"], over["endedHow"], over["endedBy"]["name"]) == ("cleared", "done", "Bob")
    assert again(the(Blocker, cast)).status == "cleared"


def known(blocker: dict) -> dict | None:
    """What is said of on whom or what a blocker waits, without what is not."""
    waits_for = blocker["waitsFor"]
    return waits_for and {name: value for name, value in waits_for.items() if value is not None}
