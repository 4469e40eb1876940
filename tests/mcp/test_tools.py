"""Each tool by the SDK's own client over real HTTP, and what it leaves in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import pytest
from mcp import Client
from mcp_types import InitializeResult, ListToolsResult

from sessions_app.digest.digester import digest_waiting
from sessions_app.models import AgentToken, Blocker, Item, Question
from sessions_app.services import blockers, items, projects, questions
from tests.conftest import Cast
from tests.doing import add, again, at_once, do, kinds, ledger, nothing_changes, send_report, the
from tests.mcp.conftest import Agent, reports, text_of

NAMES = ["get_briefing", "post_activity", "ask_question", "record_decision", "report_blocker", "hand_off"]
both_protocols = pytest.mark.parametrize("mode", ["auto", "legacy"])


@both_protocols
def test_a_client_is_told_what_this_is_and_how_to_work_here(hire: Callable[..., Agent], mode: str) -> None:
    async def greeted(client: Client) -> tuple[str | None, str, ListToolsResult]:
        return client.instructions, client.server_info.name, await client.list_tools()

    instructions, name, listed = hire(mode=mode).talk(greeted)
    assert name == "leftoff"
    assert instructions
    assert "get_briefing first" in instructions
    assert [tool.name for tool in listed.tools] == NAMES


def test_an_older_client_shakes_hands(hire: Callable[..., Agent]) -> None:
    async def initialized(client: Client) -> InitializeResult | None:
        return client.session.initialize_result

    result = hire(mode="legacy").talk(initialized)
    assert result is not None
    assert result.protocol_version == "2025-11-25"
    assert result.capabilities.tools is not None
    assert result.capabilities.resources is None


def test_every_tool_says_what_it_takes_gives_and_does(agent: Agent) -> None:
    tools = agent.talk(lambda client: client.list_tools()).tools
    for tool in tools:
        assert tool.description
        assert tool.input_schema["additionalProperties"] is False
        for argument, schema in tool.input_schema["properties"].items():
            assert schema.get("description"), (tool.name, argument)
        assert tool.output_schema
        assert tool.output_schema["type"] == "object"
        hints = tool.annotations
        assert hints is not None
        assert hints.read_only_hint is (tool.name == "get_briefing")
        assert hints.destructive_hint is False
        assert hints.open_world_hint is False
    required = {tool.name: tool.input_schema.get("required", []) for tool in tools}
    assert required == {
        "get_briefing": [],
        "post_activity": ["action"],
        "ask_question": ["question"],
        "record_decision": ["reason"],
        "report_blocker": ["text", "type"],
        "hand_off": ["summary"],
    }


# --- get_briefing --------------------------------------------------------------------------------


@both_protocols
def test_the_briefing_is_text_and_data(cast: Cast, hire: Callable[..., Agent], mode: str) -> None:
    hall, _ = add(cast, "Rent the hall", "Print posters")
    do(cast, "ann", items.decide_item, hall.id, reason="It is free on Fridays")
    result = hire(mode=mode).call("get_briefing")
    assert text_of(result).startswith("# Briefing: Lighthouse\n")
    assert "> It is free on Fridays" in text_of(result)
    told = result.structured_content
    assert told
    assert told["project"] == {"id": str(cast.project.id), "title": "Lighthouse"}
    assert told["agentType"] == "PlannerAgent"
    assert [row["title"] for row in told["decided"]["rows"]] == ["Rent the hall"]
    assert [row["title"] for row in told["exploring"]["rows"]] == ["Print posters"]


def test_reading_consumes_nothing_and_an_act_does(cast: Cast, agent: Agent) -> None:
    (hall,) = add(cast, "Rent the hall")
    do(cast, "ann", items.decide_item, hall.id)
    assert agent.does("get_briefing") == agent.does("get_briefing")
    agent.does("post_activity", action="looked at the halls")
    later = agent.does("get_briefing")
    assert later["decided"]["total"] == 0
    assert agent.does("get_briefing", since=0)["decided"]["total"] == 1


# --- post_activity -------------------------------------------------------------------------------


@both_protocols
def test_what_it_did_stands_in_the_feed(cast: Cast, hire: Callable[..., Agent], mode: str) -> None:
    agent = hire(mode=mode)
    taken = agent.does("post_activity", action="checked the plan", details={"gaps": ["Who has the keys"]})
    (row,) = reports(cast)
    assert taken == {"id": str(row.id), "eventId": None, "countedBefore": False}
    assert (row.agent_type, row.action, row.agent_token_id) == (
        "PlannerAgent",
        "checked the plan",
        agent.row.id,
    )
    digest_waiting([cast.project.id])
    assert the(Blocker, cast).text == "Who has the keys"


def test_a_report_sent_again_counts_once(cast: Cast, agent: Agent) -> None:
    event = str(uuid4())
    first = agent.does("post_activity", action="checked", event_id=event)
    assert (first["eventId"], first["countedBefore"]) == (event, False)
    assert agent.does("post_activity", action="checked", event_id=event) == {
        "id": None,
        "eventId": event,
        "countedBefore": True,
    }
    assert len(reports(cast)) == 1
    assert "another body" in agent.is_refused("post_activity", action="something else", event_id=event)


# --- ask_question --------------------------------------------------------------------------------


def test_a_question_waits_for_people_and_its_answer_comes_back(cast: Cast, agent: Agent) -> None:
    (hall,) = add(cast, "Rent the hall")
    asked = agent.does(
        "ask_question",
        question="What may the hall cost?",
        options=["up to 500", "up to 900"],
        category="budget",
        blocks=[str(hall.id)],
        expires_at="2099-01-01T00:00:00Z",
    )
    question = the(Question, cast)
    assert (question.agent_type, question.category, question.options) == (
        "PlannerAgent",
        "budget",
        ["up to 500", "up to 900"],
    )
    assert asked == {
        "id": str(question.id),
        "question": "What may the hall cost?",
        "status": "open",
        "timesSeen": 1,
        "blocks": [str(hall.id)],
        "expiresAt": "2099-01-01T00:00:00Z",
    }
    assert question.expires_at == dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    assert the(Blocker, cast).question_id == question.id
    do(cast, "ann", questions.answer_question, question.id, answer="Up to 900, with the stage")
    (answer,) = agent.does("get_briefing")["answers"]["rows"]
    assert (answer["question"], answer["answer"], answer["by"]) == (
        "What may the hall cost?",
        "Up to 900, with the stage",
        "Ann",
    )


def test_the_same_question_is_counted(cast: Cast, agent: Agent) -> None:
    agent.does("ask_question", question="Who has the keys?")
    result = agent.call("ask_question", question="who has  the keys?")
    assert "asked 2 times" in text_of(result)
    assert the(Question, cast).times_seen == 2


# --- record_decision -----------------------------------------------------------------------------


def test_an_item_is_decided_by_its_id(cast: Cast, agent: Agent) -> None:
    (hall,) = add(cast, "Rent the hall")
    decided = agent.does("record_decision", item_id=str(hall.id), reason="Seats 200", outcome="accepted")
    item = again(hall)
    assert (item.state, item.reason, item.outcome, item.state_by_agent) == (
        "decided",
        "Seats 200",
        "accepted",
        "PlannerAgent",
    )
    assert (decided["id"], decided["version"], decided["added"]) == (str(hall.id), item.version, False)


def test_what_is_no_item_yet_is_added_and_decided_in_one_change(cast: Cast, agent: Agent) -> None:
    decided = agent.does("record_decision", title="  Rent the\thall ", reason="Seats 200")
    item = the(Item, cast)
    assert (str(item.id), item.title, item.state) == (decided["id"], "Rent the hall", "decided")
    assert decided["added"] is True
    made = [row for row in ledger(cast) if row.item_id == item.id]
    assert [row.kind for row in made] == ["item.added", "item.decided"]
    assert {row.version for row in made} == {item.version}


def test_a_title_that_is_there_is_that_item(cast: Cast, agent: Agent) -> None:
    (hall,) = add(cast, "Rent the hall")
    first = agent.does("record_decision", title="rent the hall", reason="Seats 200")
    assert (first["id"], first["added"]) == (str(hall.id), False)
    before = len(kinds(cast))
    assert agent.does("record_decision", title="Rent the hall", reason="Seats 200") == first
    assert len(kinds(cast)) == before


def test_two_who_decide_the_same_at_once_add_it_once(cast: Cast, hire: Callable[..., Agent]) -> None:
    agents = [hire("PlannerAgent"), hire("WriterAgent")] * 3
    decided = at_once(
        *(
            partial(agent.does, "record_decision", title="Rent the hall", reason="Seats 200")
            for agent in agents
        )
    )
    item = the(Item, cast)
    assert {each["id"] for each in decided} == {str(item.id)}
    assert sum(each["added"] for each in decided) == 1


# --- report_blocker ------------------------------------------------------------------------------


def test_a_blocker_is_raised_counted_and_reported_solved(cast: Cast, agent: Agent) -> None:
    (hall,) = add(cast, "Rent the hall")
    wanted = {"text": "The fire service has not answered", "type": "information", "blocks": [str(hall.id)]}
    raised = agent.does("report_blocker", **wanted)
    blocker = the(Blocker, cast)
    assert (raised["id"], raised["status"], raised["blocks"]) == (str(blocker.id), "open", [str(hall.id)])
    assert agent.does("report_blocker", **wanted)["timesSeen"] == 2
    agent.does("post_activity", action="reached them", details={"resolves": [raised["id"]]})
    digest_waiting([cast.project.id])
    assert again(blocker).status == "cleared"


def test_a_dismissed_blocker_is_only_counted(cast: Cast, agent: Agent) -> None:
    agent.does("report_blocker", text="It might rain", type="decision")
    do(cast, "ann", blockers.dismiss_blocker, the(Blocker, cast).id)
    result = agent.call("report_blocker", text="It might rain", type="decision")
    assert "People dismissed this before" in text_of(result)
    assert the(Blocker, cast).status == "dismissed"


# --- hand_off ------------------------------------------------------------------------------------


def test_a_hand_off_stands_in_the_next_ones_briefing(cast: Cast, hire: Callable[..., Agent]) -> None:
    planner, writer, other = hire("PlannerAgent"), hire("WriterAgent"), hire("OtherAgent")
    handed = planner.does(
        "hand_off",
        to_agent="WriterAgent",
        summary="Three halls compared.",
        next_steps=["Write to the mill hall", "Ask Ann for the budget"],
    )
    (row,) = reports(cast)
    assert row.action == "handed off to WriterAgent"
    assert handed["id"] == str(row.id)
    (left,) = writer.does("get_briefing")["handedOver"]["rows"]
    assert (left["by"], left["summary"], left["next"]) == (
        "PlannerAgent",
        "Three halls compared.",
        ["Write to the mill hall", "Ask Ann for the budget"],
    )
    assert other.does("get_briefing")["handedOver"]["rows"] == []


def test_a_hand_off_to_nobody_in_particular_is_for_whoever_comes(hire: Callable[..., Agent]) -> None:
    hire("PlannerAgent").does("hand_off", summary="Half done.")
    (left,) = hire("OtherAgent").does("get_briefing")["handedOver"]["rows"]
    assert (left["to"], left["summary"]) == (None, "Half done.")


# --- what does not fit ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "arguments", "why"),
    [
        ("get_briefing", {"since": -1}, "`since` must be at least 0."),
        ("get_briefing", {"since": "12"}, "`since` must be a whole number."),
        ("get_briefing", {"since": 2**63 - 1, "format": "json"}, "`format` is no field here."),
        ("post_activity", {}, "`action` is required."),
        ("post_activity", {"action": None}, "`action` is required."),
        ("post_activity", {"action": "x", "details": ["a"]}, "`details` must be an object."),
        ("post_activity", {"action": "x", "eventId": str(uuid4())}, "perhaps you mean event_id."),
        ("post_activity", {"action": "x", "event_id": "1"}, "`event_id` must be a UUID."),
        ("post_activity", {"action": "x" * 201}, "`action` must have at most 200 characters."),
        ("post_activity", {"action": "x", "details": {"gaps": [{}]}}, "`details.gaps[0].description`"),
        ("post_activity", {"action": "x", "details": {"blob": "x" * 65_536}}, "at most 65,536 bytes."),
        ("ask_question", {"question": "   "}, "`question` must not be empty."),
        ("ask_question", {"question": "x" * 2001}, "`question` must have at most 2,000 characters."),
        ("ask_question", {"question": "Why?", "blocks": ["x"]}, "`blocks[0]` must be a UUID."),
        ("ask_question", {"question": "Why?", "blocks": [str(uuid4())]}, "no item of this project."),
        ("ask_question", {"question": "Why?", "expires_at": "2020-01-01T00:00:00Z"}, "in the future."),
        ("ask_question", {"question": "Why?", "expires_at": "tomorrow"}, "with a time zone, like"),
        ("ask_question", {"question": "Why?", "options": [" "]}, "`options[0]` must not be empty."),
        ("record_decision", {"reason": "x"}, "`item_id` or `title` is required"),
        (
            "record_decision",
            {"reason": "x", "title": "a", "item_id": str(uuid4())},
            "`item_id` or `title` is required, one of them",
        ),
        ("record_decision", {"reason": " ", "title": "a"}, "`reason` must not be empty."),
        ("record_decision", {"reason": "x", "title": " "}, "`title` must not be empty."),
        ("record_decision", {"reason": "x", "item_id": str(uuid4())}, "This item is not there any more."),
        (
            "record_decision",
            {"reason": "x", "title": "a", "outcome": "o" * 41},
            "`outcome` must have at most",
        ),
        ("report_blocker", {"text": "x"}, "`type` is required."),
        ("report_blocker", {"text": "x", "type": "other"}, "`type` must be one of"),
        ("hand_off", {"summary": " "}, "`summary` must have 1 to 2000 characters."),
        ("hand_off", {"summary": "x", "to_agent": "PlannerAgent"}, "another agent than yourself"),
        ("hand_off", {"summary": "x", "next_steps": [" "]}, "`next_steps[0]` must have 1 to"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_changes_nothing(
    agent: Agent, tool: str, arguments: dict[str, object], why: str
) -> None:
    with nothing_changes():
        said = agent.is_refused(tool, **arguments)
    assert why in said
    assert said.endswith("Nothing was changed.")


def test_every_misfit_is_told_at_once(agent: Agent) -> None:
    said = agent.is_refused("report_blocker", type=3, block=[])
    assert "`text` is required." in said
    assert "`type` must be" in said
    assert "`block` is no field here; perhaps you mean blocks." in said
    assert "report_blocker takes text, type, blocks." in said


def test_lists_within_a_string_are_understood(cast: Cast, agent: Agent) -> None:
    """Some clients send whatever is no text as JSON within a string."""
    agent.does("ask_question", question="Which?", options='["this", "that"]', blocks="[]", category=None)
    assert the(Question, cast).options == ["this", "that"]
    assert "`options` must be a list." in agent.is_refused("ask_question", question="Why?", options="[1")


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "arguments", "scope"),
    [
        ("get_briefing", {}, "briefing"),
        ("post_activity", {"action": "x"}, "activity"),
        ("ask_question", {"question": "Why?"}, "questions"),
        ("record_decision", {"title": "a", "reason": "b"}, "items"),
        ("report_blocker", {"text": "x", "type": "decision"}, "activity"),
        ("hand_off", {"summary": "x"}, "activity"),
    ],
)
def test_a_token_without_the_scope_is_told_which(
    hire: Callable[..., Agent], tool: str, arguments: dict[str, object], scope: str
) -> None:
    agent = hire(scopes=tuple({"briefing", "activity", "questions", "items"} - {scope}))
    with nothing_changes():
        assert f"lacks the scope “{scope}”" in agent.is_refused(tool, **arguments)


def test_an_archived_project_is_only_read(cast: Cast, agent: Agent) -> None:
    do(cast, "ann", projects.archive_project)
    assert "This project is archived." in agent.is_refused("post_activity", action="x")
    assert agent.does("get_briefing")["project"]["title"] == "Lighthouse"


def test_agents_of_two_projects_see_nothing_of_each_other(cast: Cast, hire: Callable[..., Agent]) -> None:
    (ours,) = add(cast, "Rent the hall")
    send_report(cast, "WriterAgent", {"handOff": {"summary": "A secret of Lighthouse"}})
    stranger = hire(project=cast.other, owner=cast.zoe)
    result = stranger.call("get_briefing")
    assert result.structured_content
    assert result.structured_content["project"]["title"] == "Zoe's own"
    for secret in ("Lighthouse", "Rent the hall", str(ours.id)):
        assert secret not in text_of(result)
    with nothing_changes():
        assert "not there" in stranger.is_refused("record_decision", item_id=str(ours.id), reason="x")
        assert "no item of this project" in stranger.is_refused(
            "ask_question", question="Why?", blocks=[str(ours.id)]
        )
        assert "no item or blocker of this project" in stranger.is_refused(
            "post_activity", action="x", details={"resolves": [str(ours.id)]}
        )
    # A title of another project is nobody's here.
    assert stranger.does("record_decision", title="Rent the hall", reason="x")["added"] is True
    assert again(ours).state == "exploring"


def test_a_refused_call_is_no_visit(cast: Cast, agent: Agent) -> None:
    (hall,) = add(cast, "Rent the hall")
    do(cast, "ann", items.decide_item, hall.id)
    agent.does("get_briefing")
    agent.is_refused("record_decision", item_id=str(uuid4()), reason="x")
    assert again(agent.row).last_version == 0
    agent.does("post_activity", action="looked")
    assert again(agent.row).last_version == again(hall).version
    assert isinstance(agent.row, AgentToken)
