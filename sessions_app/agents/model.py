"""The language model behind an OpenAI-compatible address, if the settings name one.

What it answers is untrusted, like what people and agents send: it has a shape, and no more is known of it.
"""

from __future__ import annotations

import asyncio
from typing import TypeVar

from django.conf import settings
from pydantic import BaseModel

# For one question, all tries of it.
PATIENCE_SECONDS = 60
MOST_ANSWER_TOKENS = 2_000
# The second try is told what was wrong with the shape of the first.
MOST_TRIES = 2

Answer = TypeVar("Answer", bound=BaseModel)


class Trouble(Exception):
    """The model did not answer, or not in the shape that was asked for.

    `is_away`: it would not answer anything else now either.
    """

    def __init__(self, cause: Exception, *, is_away: bool) -> None:
        # Not the cause's words: they may repeat what people wrote.
        status = getattr(cause, "status_code", None)
        super().__init__(f"{type(cause).__name__}{f' {status}' if status else ''}")
        self.is_away = is_away


def is_on() -> bool:
    """Whether there is a model to ask."""
    return bool(settings.LLM_BASE_URL)


def ask(instructions: str, text: str, answer: type[Answer]) -> Answer:
    """Ask the model one thing; returns its answer in the shape of `answer`. Raises Trouble.

    To be called outside transactions, in a thread without an event loop: it takes its time.
    """
    # Only here: without the extra, and without a model, there is nothing to import.
    from openai import APIStatusError, OpenAIError
    from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError, ModelRequestRejectedError

    try:
        return asyncio.run(_ask(instructions, text, answer))
    except (ModelHTTPError, ModelRequestRejectedError, APIStatusError) as error:
        refused_this = getattr(error, "status_code", 0) in (400, 413, 422)
        raise Trouble(error, is_away=not refused_this) from error
    except (ModelAPIError, OpenAIError, TimeoutError) as error:
        raise Trouble(error, is_away=True) from error
    except Exception as error:
        # A server may answer anything, and the library stumble over it in any way.
        raise Trouble(error, is_away=False) from error


async def _ask(instructions: str, text: str, answer: type[Answer]) -> Answer:
    from openai import AsyncOpenAI
    from pydantic_ai import Agent, PromptedOutput
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.usage import UsageLimits

    client = AsyncOpenAI(
        base_url=settings.LLM_BASE_URL,
        # A model of one's own wants none, the client insists on one.
        api_key=settings.LLM_API_KEY or "none",
        max_retries=0,
        timeout=PATIENCE_SECONDS,
    )
    async with asyncio.timeout(PATIENCE_SECONDS), client:
        agent = Agent(
            OpenAIChatModel(settings.LLM_MODEL, provider=OpenAIProvider(openai_client=client)),
            # Written as JSON into the text: what every server can do.
            output_type=PromptedOutput(answer),
            instructions=instructions,
            model_settings={"max_tokens": MOST_ANSWER_TOKENS, "temperature": 0.0},
            retries=MOST_TRIES - 1,
        )
        limits = UsageLimits(request_limit=MOST_TRIES, output_tokens_limit=MOST_TRIES * MOST_ANSWER_TOKENS)
        run = await agent.run(text, usage_limits=limits)
        return run.output
