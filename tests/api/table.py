"""Every operation of the API: what its address and its body need, who may call it, what it gives."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sessions_app.api.app import api
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.models import Item, Session, User
from sessions_app.models.bearers import Scope
from sessions_app.services import analytics, dependencies, items, questions, sessions, sign_ins, webhooks
from tests import factories
from tests.api.conftest import agent_token
from tests.views.conftest import World

Make = Callable[[World, User], dict[str, Any]]

# Who may, where it is no role: anybody at all, or anybody signed in.
ANYONE, SIGNED_IN = "anyone", "signed in"
RANK = {"viewer": 0, "editor": 1, "owner": 2}
OUTSIDE = ("non-member", "ex-member", "staff", "superuser")
# What a verb that works may meet on the way: the item's version is another, the last owner stays.
MAY_END = {"item_edit": {409}, "project_leave": {422}}


def _nothing(_world: World, _who: User) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Row:
    """One operation. `ids` fill its address, `query` and `body` make a call that works."""

    least: str
    scope: Scope | None = None
    ids: Make = _nothing
    body: Make | None = None
    query: str = ""
    status: int = 200
    # What only the owner of the thing may do, whatever their role: see `ids`.
    in_body: bool = False


def _made(noun: str) -> Make:
    return lambda world, _who: {f"{noun}_id": getattr(world, noun)().id}


def _user(world: World, _who: User) -> dict[str, Any]:
    return {"user_id": world.member(f"new{uuid.uuid4().hex[:8]}").id}


def _own_message(world: World, who: User) -> dict[str, Any]:
    return {"message_id": world.message(by=who).id}


def _asked_by_the_agent(world: World, _who: User) -> dict[str, Any]:
    project_id = world.cast.project.id
    with acting_as_system([project_id]):
        asked = questions.ask_question(project_id, "PlannerAgent", text=f"What about {uuid.uuid4().hex}?")
    return {"question_id": asked.id}


def _own_blocker(world: World, who: User) -> dict[str, Any]:
    if world.role_of(who) is None:
        who = world.cast.ann
    return {"blocker_id": world.blocker_of(who).id}


def _waiting(world: World, _who: User) -> dict[str, Any]:
    waiting, blocking = world.item(), world.item()
    with acting_as_system([world.cast.project.id]):
        dependencies.add_dependency(
            world.cast.project.id, world.cast.actor("ann"), waiting_id=waiting.id, blocking_id=blocking.id
        )
    return {"item_id": waiting.id, "blocking_id": blocking.id}


def _decided(world: World, _who: User) -> dict[str, Any]:
    item = world.item()
    with acting_as_system([world.cast.project.id]):
        items.decide_item(world.cast.project.id, world.cast.actor("bob"), item.id)
    return {"item_id": item.id}


def _last_decision(world: World, _who: User) -> dict[str, Any]:
    with acting_as_system([world.cast.project.id]):
        last = Item.objects.filter(project=world.cast.project, state="decided").newest_decided_first().first()
    return {"decidedVersion": last.decided_version if last else 0}


def _session(world: World, who: User) -> dict[str, Any]:
    if world.role_of(who) is None:
        who = world.cast.ann
    with acting_as(who.id):
        made: Session = sessions.start_session(who.id, world.cast.project.id)[0]
    return {"session_id": made.id}


def _own_session(world: World, who: User) -> dict[str, Any]:
    """Nothing in the address, but the caller has a session."""
    _session(world, who)
    return {}


def _token(world: World, _who: User) -> dict[str, Any]:
    return {"token_id": agent_token(world.cast)[0].id}


def _webhook(world: World, _who: User) -> dict[str, Any]:
    with acting_as(world.cast.ann.id):
        made, _secret = webhooks.create_webhook(
            world.cast.project.id, world.cast.ann, url="https://agent.example.org/answers"
        )
    return {"webhook_id": made.id}


def _project(world: World, _who: User) -> dict[str, Any]:
    return {"projectId": str(world.cast.project.id)}


def _step(world: World, who: User) -> dict[str, Any]:
    if world.role_of(who) is None:
        return {"stepId": f"project:{world.cast.project.id}"}
    with acting_as(who.id):
        steps = analytics.get_summary(who.id, world.cast.project.id)["suggestedNextSteps"]
    return {"stepId": steps[0]["id"]}


def _refresh(world: World, _who: User) -> dict[str, Any]:
    tokens = sign_ins.sign_in(world.cast.ann.email, factories.PASSWORD, client="127.0.0.1")
    return {"refreshToken": tokens.refresh_token}


def _fixed(**body: Any) -> Make:
    return lambda _world, _who: body


_ME = {"ids": lambda *_: {"user_id": "me"}}
_AGENT = {"agentType": "PlannerAgent"}

TABLE: dict[str, Row] = {
    "token_create": Row(
        ANYONE, body=lambda w, _who: {"email": w.cast.ann.email, "password": factories.PASSWORD}
    ),
    "token_refresh": Row(ANYONE, body=_refresh),
    "token_revoke": Row(ANYONE, body=_refresh),
    "socket_ticket": Row("viewer", Scope.LIVE, body=_project, status=201, in_body=True),
    "session_start": Row("viewer", body=_project, status=201, in_body=True),
    "session_end": Row("viewer", body=_project, in_body=True),
    "session_summary": Row("viewer", **_ME),
    "session_analytics": Row("viewer", **_ME),
    "track_activity": Row("viewer", Scope.ACTIVITY, body=_project, status=202, in_body=True),
    "suggested_steps": Row("viewer", Scope.BRIEFING),
    "session_blockers": Row("viewer", Scope.BRIEFING),
    "session_history": Row("viewer"),
    "project_list": Row(SIGNED_IN),
    "project_create": Row(SIGNED_IN, body=_fixed(title="Another"), status=201),
    "project_read": Row("viewer", Scope.BRIEFING),
    "project_edit": Row("owner", body=_fixed(title="Renamed")),
    "project_delete": Row("owner", query="?confirmTitle=Lighthouse"),
    "member_list": Row("viewer", Scope.BRIEFING),
    "member_role": Row("owner", ids=_user, body=_fixed(role="viewer")),
    "member_remove": Row("owner", ids=_user),
    "member_hand_over": Row("owner", ids=_user),
    "project_leave": Row("viewer"),
    "invitation_list": Row("owner"),
    "invitation_create": Row("owner", body=_fixed(role="viewer"), status=201),
    "invitation_revoke": Row("owner", ids=lambda w, _who: {"invitation_id": w.invitation()[0].id}),
    "item_list": Row("viewer", Scope.BRIEFING),
    "item_add": Row("editor", Scope.ITEMS, body=_fixed(title="An idea"), status=201),
    "item_read": Row("viewer", Scope.BRIEFING, ids=_made("item")),
    "item_edit": Row("editor", Scope.ITEMS, ids=_made("item"), body=_fixed(title="Better", version=10**9)),
    "item_delete": Row("editor", Scope.ITEMS, ids=_made("item")),
    "item_decide": Row("editor", Scope.ITEMS, ids=_made("item"), body=_fixed(reason="Clear")),
    "item_park": Row("editor", Scope.ITEMS, ids=_made("item"), body=_fixed(wakeAt="2100-01-01T08:00:00Z")),
    "item_explore": Row("editor", Scope.ITEMS, ids=_made("item"), body=_fixed(reason="Again")),
    "item_keep": Row("editor", Scope.ITEMS, ids=_made("item")),
    "item_contest": Row("editor", ids=_decided, body=_fixed(reason="Too dear")),
    "item_confirm": Row("editor", ids=_decided, body=_fixed(reviewAt="2100-01-01T08:00:00Z")),
    "item_history": Row("viewer", Scope.BRIEFING, ids=_made("item")),
    "dependency_add": Row(
        "editor",
        Scope.ITEMS,
        ids=_made("item"),
        body=lambda w, _who: {"blockingId": str(w.item().id)},
        status=201,
    ),
    "dependency_remove": Row("editor", Scope.ITEMS, ids=_waiting),
    "message_list": Row("viewer", Scope.BRIEFING),
    "message_post": Row("editor", Scope.MESSAGES, body=_fixed(text="Hello"), status=201),
    "message_edit": Row("editor", ids=_own_message, body=_fixed(text="Better")),
    "message_delete": Row("editor", ids=_own_message),
    "activity_list": Row("viewer", Scope.BRIEFING),
    "activity_post": Row("editor", Scope.ACTIVITY, body=_fixed(action="looks", **_AGENT), status=202),
    "activity_batch": Row(
        "editor", Scope.ACTIVITY, body=_fixed(activities=[{"action": "looks", **_AGENT}]), status=202
    ),
    "question_list": Row("viewer", Scope.BRIEFING),
    "question_ask": Row(
        "editor", Scope.QUESTIONS, body=_fixed(text="What may it cost?", **_AGENT), status=201
    ),
    "question_read": Row("viewer", Scope.BRIEFING, ids=_made("question")),
    "question_answer": Row("editor", ids=_made("question"), body=_fixed(answer="Yes")),
    "question_dismiss": Row("editor", ids=_made("question")),
    "question_withdraw": Row("editor", Scope.QUESTIONS, ids=_asked_by_the_agent, body=_fixed(**_AGENT)),
    "blocker_list": Row("viewer", Scope.BRIEFING),
    "blocker_raise": Row("editor", Scope.ACTIVITY, body=_fixed(text="No money", **_AGENT), status=201),
    "blocker_clear": Row("editor", ids=_made("blocker")),
    "blocker_dismiss": Row("editor", ids=_made("blocker")),
    "blocker_done": Row("viewer", ids=_own_blocker),
    "step_done": Row("viewer", body=_step),
    "step_snooze": Row("viewer", body=lambda w, who: _step(w, who) | {"until": "day"}),
    "step_undo": Row("viewer", body=_step),
    "unseen_list": Row("viewer"),
    "decision_accept": Row("viewer", ids=_decided, body=_last_decision),
    "decision_accept_undo": Row("viewer", ids=_made("item")),
    "catch_up": Row("viewer", body=_fixed(version=0)),
    "catch_up_undo": Row("viewer"),
    "briefing_read": Row("viewer", Scope.BRIEFING),
    "hand_off_list": Row("viewer", Scope.BRIEFING),
    "hand_off_leave": Row("editor", ids=_own_session, body=_fixed(text="The lens is next."), status=201),
    "hand_off_draft": Row("editor"),
    "decision_list": Row("viewer", Scope.BRIEFING),
    "decision_stability": Row("viewer", Scope.BRIEFING),
    "decisions_csv": Row("viewer", Scope.BRIEFING),
    "decisions_zip": Row("viewer", Scope.BRIEFING),
    "project_insights": Row("viewer"),
    "project_search": Row("viewer", Scope.BRIEFING),
    "project_changes": Row("viewer", Scope.BRIEFING),
    "project_as_of": Row("viewer", ids=_session),
    "agent_token_list": Row("owner"),
    "agent_token_create": Row("owner", body=_fixed(name="Nightly", agentType="PlannerAgent"), status=201),
    "agent_token_revoke": Row("owner", ids=_token),
    "webhook_list": Row("owner"),
    "webhook_create": Row("owner", body=_fixed(url="https://agent.example.org/answers"), status=201),
    "webhook_delete": Row("owner", ids=_webhook),
    "webhook_test": Row("owner", ids=_webhook, status=202),
    "delivery_list": Row("owner"),
    "verb_list": Row(ANYONE),
}


# The API's own document.
SCHEMA = api.get_openapi_schema()
# Method and address of each operation, by its id.
OPERATIONS: dict[str, tuple[str, str]] = {
    operation["operationId"]: (method.upper(), path)
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
}


def expected(caller: str, name: str, row: Row) -> set[int]:
    """The statuses of section 7 of the design."""
    works = {row.status, *MAY_END.get(name, ())}
    if row.least == ANYONE:
        return works
    if caller in ("anonymous", "deactivated"):
        return {401}
    if row.least == SIGNED_IN:
        return works
    if caller in OUTSIDE:
        return {404}
    return works if RANK[caller] >= RANK[row.least] else {403}
