"""Every page and verb: what its address and its form need, who may, and what that gives."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sessions_app.db.rls import acting_as
from sessions_app.models import User
from sessions_app.services import analytics, digests
from tests.views.conftest import World

SIGN_IN = "/account/login/"
RANK = {"viewer": 0, "editor": 1, "owner": 2}
CALLERS = (
    *("anonymous", "viewer", "editor", "owner", "non-member"),
    *("ex-member", "deactivated", "staff", "superuser"),
)
# Who may, beside the three roles; None: the method is not there.
ANYONE, SIGNED_IN, STAFF, NOBODY = "anyone", "signed in", "staff", "nobody"

Act = Callable[[World, User], Any]


def nothing(_world: World, _who: User) -> dict[str, Any]:
    return {}


def _made(noun: str) -> Act:
    return lambda world, _who: {f"{noun}_id": getattr(world, noun)().id}


def _decided(world: World, _who: User) -> dict[str, Any]:
    return {"item_id": world.decided().id}


def _own_message(world: World, who: User) -> dict[str, Any]:
    return {"message_id": world.message(by=who).id}


def _own_blocker(world: World, who: User) -> dict[str, Any]:
    member = who if world.role_of(who) else world.cast.ann
    return {"blocker_id": world.blocker_of(member).id}


def _stuck(world: World, _who: User) -> dict[str, Any]:
    return {"text": f"Stuck {uuid.uuid4().hex}", "type": "information"}


def _new_member(world: World, _who: User) -> dict[str, Any]:
    return {"user_id": world.member(f"new{uuid.uuid4().hex[:8]}").id}


def _invitation(world: World, _who: User) -> dict[str, Any]:
    return {"invitation_id": world.invitation()[0].id}


def _own_session(world: World, who: User) -> dict[str, Any]:
    return {"session_id": world.session(who if world.role_of(who) else world.cast.ann).id}


AGENT_TOKEN = {"name": "Laptop", "agent_type": "Claude", "scopes": ["briefing"], "expiry": "never"}


def _agent_token(world: World, _who: User) -> dict[str, Any]:
    return {"token_id": world.agent_token().id}


def _webhook(world: World, _who: User) -> dict[str, Any]:
    return {"webhook_id": world.webhook().id}


def _some_step(world: World, who: User) -> dict[str, Any]:
    if world.role_of(who) is None:
        return {"step_id": f"project:{world.cast.project.id}"}
    with acting_as(who.id):
        return {
            "step_id": analytics.get_summary(who.id, world.cast.project.id)["suggestedNextSteps"][0]["id"]
        }


@dataclass(frozen=True)
class Row:
    """Who may GET and POST a route, what its address needs, a body that works, and what that gives."""

    get: str | None = None
    post: str | None = None
    ids: Act = nothing
    body: Act = nothing
    in_project: bool = True
    get_status: int = 200
    # What a POST that works answers without and with HTMX.
    done: tuple[int, int] = (302, 200)
    query: Mapping[str, str] = field(default_factory=dict)


def _titled(world: World, _who: User) -> dict[str, Any]:
    return {"title": "Renamed"}


def _verb(noun: str, post: str = "editor", **more: Any) -> Row:
    return Row(post=post, ids=_made(noun), **more)


def _unsubscribe_token(world: World) -> str:
    return digests.unsubscribe_url(world.cast.ann).split("/")[-2]


ALWAYS_PLAIN = (302, 302)
TABLE: dict[str, Row] = {
    "projects": Row(SIGNED_IN, SIGNED_IN, body=_titled, in_project=False, done=ALWAYS_PLAIN),
    "project_create": Row(SIGNED_IN, SIGNED_IN, body=_titled, in_project=False, done=ALWAYS_PLAIN),
    "archived_projects": Row(SIGNED_IN, in_project=False),
    "profile": Row(
        SIGNED_IN,
        SIGNED_IN,
        in_project=False,
        body=lambda *_: {"display_name": "Me", "time_zone": "Europe/Berlin"},
        done=ALWAYS_PLAIN,
    ),
    "profile_data": Row(SIGNED_IN, in_project=False),
    "invitation": Row(
        ANYONE,
        SIGNED_IN,
        ids=lambda world, _who: {"token": world.invitation()[1]},
        in_project=False,
        done=ALWAYS_PLAIN,
    ),
    "unsubscribe": Row(
        ANYONE,
        ANYONE,
        ids=lambda world, _who: {"token": _unsubscribe_token(world)},
        in_project=False,
        done=(200, 200),
    ),
    # Somebody has an account: the link of the first owner is dead for everybody.
    "first_owner": Row(NOBODY, NOBODY, ids=lambda *_: {"secret": "x"}, in_project=False),
    "operations": Row(STAFF, in_project=False),
    "livez": Row(ANYONE, in_project=False),
    "readyz": Row(ANYONE, in_project=False),
    # Without METRICS_TOKEN it is not there; see tests/views/test_metrics.py.
    "metrics": Row(NOBODY, in_project=False),
    "project": Row("viewer"),
    "project_rename": Row(post="owner", body=_titled, done=ALWAYS_PLAIN),
    "project_idle": Row(post="owner", body=lambda *_: {"idle_park_days": "30"}, done=ALWAYS_PLAIN),
    "project_archive": Row(post="owner", done=ALWAYS_PLAIN),
    "project_restore": Row(post="owner", done=ALWAYS_PLAIN),
    "project_delete": Row(post="owner", body=lambda *_: {"confirm_title": "Lighthouse"}, done=ALWAYS_PLAIN),
    # Ann is the only owner, who may but cannot: see test_members.
    "project_leave": Row(post="viewer", done=ALWAYS_PLAIN),
    "project_settings": Row("viewer"),
    "member_role": Row(post="owner", ids=_new_member, body=lambda *_: {"role": "viewer"}, done=ALWAYS_PLAIN),
    "member_remove": Row(post="owner", ids=_new_member, done=ALWAYS_PLAIN),
    "member_hand_over": Row(post="owner", ids=_new_member, done=ALWAYS_PLAIN),
    "members": Row("viewer"),
    "invitations": Row("owner", "owner", body=lambda *_: {"role": "viewer"}, done=(200, 200)),
    "invite": Row("owner", "owner", body=lambda *_: {"role": "viewer"}, done=(200, 200)),
    "invitation_revoke": Row(post="owner", ids=_invitation, done=ALWAYS_PLAIN),
    "agent_tokens": Row("owner", "owner", body=lambda *_: AGENT_TOKEN, done=(200, 200)),
    "agent_token_create": Row("owner", "owner", body=lambda *_: AGENT_TOKEN, done=(200, 200)),
    "agent_token_revoke": Row(post="owner", ids=_agent_token, done=ALWAYS_PLAIN),
    "webhook_create": Row(post="owner", body=lambda *_: {"url": "https://a.example/"}, done=(200, 200)),
    "webhook_delete": Row(post="owner", ids=_webhook, done=ALWAYS_PLAIN),
    "webhook_test": Row(post="owner", ids=_webhook, done=ALWAYS_PLAIN),
    "agents_pause": Row(post="owner", done=ALWAYS_PLAIN),
    "agents_resume": Row(post="owner", done=ALWAYS_PLAIN),
    "panel": Row("viewer", ids=lambda *_: {"name": "stats"}),
    "refresh": Row("viewer"),
    "session_start": Row(post="viewer", done=(302, 200)),
    "activity": Row(post="viewer", done=(202, 202)),
    "agents": Row("viewer"),
    "questions": Row("viewer"),
    "project_decided": Row("viewer"),
    "changes": Row("viewer"),
    "catch_up": Row(post="viewer", body=lambda *_: {"version": "0"}),
    "catch_up_undo": Row(post="viewer"),
    "unseen": Row("viewer"),
    # Not decided: accepting it is refused as stale, which needs no right to write.
    "item_accept": _verb("item", "viewer", body=lambda *_: {"decided_version": "1"}, done=(409, 409)),
    "item_accept_undo": _verb("item", "viewer"),
    "item_add": Row("viewer", "editor", body=_titled, query={"state": "exploring"}),
    "item_column": Row("viewer", "editor", body=_titled, query={"state": "parked"}),
    "item": Row("viewer", ids=_made("item")),
    "item_edit": Row(
        "editor",
        "editor",
        ids=_made("item"),
        body=lambda *_: {"title": "Other", "version": str(10**6)},
        # This form's version is not the item's: refused as stale, which needs the right to write.
        done=(409, 409),
    ),
    "item_decide": _verb("item"),
    "item_park": _verb("item"),
    "item_explore": _verb("item", body=lambda *_: {"reason": "Again"}),
    "item_keep": _verb("item"),
    "item_contest": Row(post="editor", ids=_decided, body=lambda *_: {"reason": "Too dear"}),
    "item_confirm": Row(post="editor", ids=_decided),
    "item_delete": _verb("item"),
    "item_wait": _verb("item", body=lambda world, _who: {"blocking": world.item().id}, done=ALWAYS_PLAIN),
    "item_unwait": _verb("item", body=lambda world, _who: {"blocking": world.item().id}, done=ALWAYS_PLAIN),
    "item_waits_for": Row("viewer", ids=_made("item")),
    "item_holds_up": Row("viewer", ids=_made("item")),
    "messages": Row("viewer", "editor", body=lambda *_: {"text": "Hello"}),
    "message_post": Row("viewer", "editor", body=lambda *_: {"text": "Hello"}),
    "message_edit": Row("editor", "editor", ids=_own_message, body=lambda *_: {"text": "Better"}),
    "message_delete": Row(post="editor", ids=_own_message),
    "question_answer": _verb("question", body=lambda *_: {"answer": "Yes"}),
    "question_dismiss": _verb("question"),
    "blockers": Row("viewer", "editor", body=_stuck),
    "blocker_raise": Row("viewer", "editor", body=_stuck),
    "blocker_done": Row(post="viewer", ids=_own_blocker),
    "blocker_clear": _verb("blocker"),
    "blocker_dismiss": _verb("blocker"),
    # One's own, also a viewer's.
    "step_done": Row(post="viewer", body=_some_step),
    "step_snooze": Row(post="viewer", body=lambda w, who: _some_step(w, who) | {"until": "day"}),
    "step_undo": Row(post="viewer", body=_some_step),
    "decisions": Row("viewer"),
    "decisions_csv": Row("viewer"),
    "decisions_zip": Row("viewer"),
    "search": Row("viewer", query={"q": "roof"}),
    "palette_items": Row("viewer", query={"q": "roof"}),
    "palette": Row(SIGNED_IN, in_project=False),
    "project_insights": Row("viewer"),
    "project_insights_csv": Row("viewer", ids=lambda *_: {"table": "days"}),
    "own_insights": Row(SIGNED_IN, in_project=False),
    "own_insights_csv": Row(SIGNED_IN, ids=lambda *_: {"table": "days"}, in_project=False),
    "sessions": Row("viewer"),
    "session_then": Row("viewer", ids=_own_session),
    "session_end": Row(post="viewer"),
    "hand_off": Row("editor", "editor"),
}


def expected(caller: str, method: str, row: Row, *, htmx: bool) -> int:
    """The status of section 7 of the design."""
    least = row.get if method == "GET" else row.post
    if least is None:
        return 405
    if least == NOBODY:
        return 404
    allowed = row.get_status if method == "GET" else row.done[htmx]
    if least == ANYONE:
        return allowed
    if caller in ("anonymous", "deactivated"):
        return 401 if htmx else 302
    if least == SIGNED_IN:
        return allowed
    if least == STAFF:
        return allowed if caller in ("staff", "superuser") else 404
    if caller not in RANK:
        return 404
    return allowed if RANK[caller] >= RANK[least] else 403
