"""An agent's day at a Leftoff server by MCP, with the SDK's own client; prints what is said.

    python docs/api/mcp_day.py BASE_URL AGENT_TOKEN

Needs the `mcp` package (it comes with Leftoff) and an agent's token of a project, of its settings page.
"""

from __future__ import annotations

import asyncio
import json
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


async def call(client: Client, tool: str, **arguments: object) -> dict[str, object]:
    """Call a tool, and print both sides; returns its data."""
    say(f"\n> {tool} {json.dumps(arguments, ensure_ascii=False)}")
    result = await client.call_tool(tool, arguments)
    for content in result.content:
        if content.type == "text":
            say("\n".join(f"{'!' if result.is_error else '<'} {line}" for line in content.text.splitlines()))
    return result.structured_content or {}


async def day(client: Client) -> None:
    """Read, work, ask, decide, be stuck, hand off."""
    say(f"# {client.server_info.name}, which says how to work with it:")
    say("\n".join(f"< {line}" for line in (client.instructions or "").splitlines()))
    tools = (await client.list_tools()).tools
    say(f"\n# Its tools: {', '.join(tool.name for tool in tools)}")

    say("\n# Morning: where did I leave off?")
    await call(client, "get_briefing")

    say("\n# It works, and says so")
    await call(
        client, "post_activity", action="compared three halls", details={"halls": ["mill", "barn", "school"]}
    )

    say("\n# What it cannot know it asks; what is settled it records")
    added = await call(
        client, "record_decision", title="Hold it on a Friday", reason="The halls are free on Fridays"
    )
    await call(
        client,
        "ask_question",
        question="What may the hall cost?",
        options=["up to 500", "up to 900"],
        category="budget",
        expires_at="2099-01-01T00:00:00Z",
    )

    say("\n# A slip is told so that it can be mended")
    await call(client, "report_blocker", text="The fire service has not answered", kind="information")
    stuck = await call(client, "report_blocker", text="The fire service has not answered", type="information")

    say("\n# They answered after all")
    await call(
        client, "post_activity", action="reached the fire service", details={"resolves": [stuck["id"]]}
    )
    await call(
        client, "record_decision", item_id=added["id"], reason="Free on Fridays, and 80 seats are allowed"
    )

    say("\n# Evening: it leaves the rest to whoever comes next")
    await call(
        client,
        "hand_off",
        summary="Three halls compared; the mill hall fits. The price waits for an answer.",
        next_steps=["Read the answer on the price", "Write to the mill hall"],
    )


async def main(base: str, token: str) -> None:
    """Connect as any MCP client does."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{base.rstrip('/')}/mcp", http_client=http)) as client,
    ):
        await day(client)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1], sys.argv[2]))
