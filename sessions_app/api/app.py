"""The API: its routers, its document, its readable page."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI, Swagger
from ninja.errors import ValidationError

from sessions_app.api import (
    agent_activity,
    agent_tokens,
    anchors,
    blockers,
    briefing,
    decisions,
    errors,
    guesses,
    hand_offs,
    insights,
    items,
    ledger_pages,
    members,
    messages,
    projects,
    questions,
    search,
    sessions,
    sign_in,
    steps,
    unseen,
    verbs,
    webhooks,
)
from sessions_app.api.reading import StrictParser
from sessions_app.api.showing import Problem

DESCRIPTION = """
Where a person or an agent left off in a project, and everything in it.

Sign in at `POST /api/auth/token` (people), or take an agent's token from the project's settings, and send
it as `Authorization: Bearer …`. Success is `{"success": true, "data": …}`; an error is
`application/problem+json` with `detail`, and `errors` that name field and rule. Lists come in pages:
`next` is the `cursor` of the following one. Every GET has an `ETag`; every POST takes an `Idempotency-Key`.
"""


class Api(NinjaAPI):
    """Ninja's API, with the shape of our errors in its document."""

    def validation_error_from_error_contexts(self, error_contexts: Any) -> ValidationError:  # noqa: ANN401
        """Ninja's error; where a field is not known, also which are."""
        bad = super().validation_error_from_error_contexts(error_contexts)
        for error in bad.errors:
            if error["type"] == "extra_forbidden":
                error["ctx"] = {"known": guesses.known_fields(error_contexts, error["loc"])}
        return bad

    def get_openapi_schema(self, **options: Any) -> Any:  # noqa: ANN401 -- Ninja's
        """The OpenAPI 3.1 document."""
        schema = super().get_openapi_schema(**options)
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        parts = problem.pop("$defs", {})
        schema["components"].setdefault("schemas", {}).update(Problem=problem, **parts)
        return schema


api = Api(
    title="Leftoff",
    version="1",
    description=DESCRIPTION,
    parser=StrictParser(),
    # To read: whoever tries calls out does it with a bearer of their own, and curl.
    docs=Swagger(settings={"deepLinking": True, "supportedSubmitMethods": []}),
    urls_namespace="api",
)
errors.register(api)
for room in (
    sign_in,
    sessions,
    projects,
    members,
    items,
    messages,
    agent_activity,
    questions,
    blockers,
    steps,
    hand_offs,
    unseen,
    anchors,
    briefing,
    search,
    decisions,
    insights,
    ledger_pages,
    agent_tokens,
    webhooks,
    verbs,
):
    api.add_router("", room.router)
