"""The tools, in the order in which an agent needs them."""

from __future__ import annotations

from sessions_app.mcp.tool import Tool
from sessions_app.mcp.tools import (
    ask_question,
    get_briefing,
    hand_off,
    post_activity,
    record_decision,
    report_blocker,
)

TOOLS: dict[str, Tool] = {
    room.TOOL.name: room.TOOL
    for room in (get_briefing, post_activity, ask_question, record_decision, report_blocker, hand_off)
}
