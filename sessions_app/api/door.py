"""The one way into the API: every operation is one transaction, and says who may.

@operation(router, "POST", "/projects/{project_id}/items", gives={201: Data[ItemShown]}, may=WRITES)
def item_add(request: ApiRequest, project_id: Id, body: ItemNew) -> Answer: ...
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router
from ninja.params import functions as params
from pydantic import BaseModel

from sessions_app.api.auth import Bearer
from sessions_app.api.documented import described
from sessions_app.api.examples import example_of
from sessions_app.api.guesses import as_it_stands
from sessions_app.api.reading import Body, Query, StrictParser
from sessions_app.api.showing import as_text
from sessions_app.db import replica
from sessions_app.db.retry import retrying
from sessions_app.ledger import Actor
from sessions_app.models import Membership, Project
from sessions_app.models.bearers import Scope
from sessions_app.models.projects import Role
from sessions_app.problems import problem
from sessions_app.services import agent_tokens, idempotency, sessions
from sessions_app.services.access import check_may_write, check_role
from sessions_app.services.bearers import AgentCaller, Caller, PersonCaller
from sessions_app.services.errors import Conflict, Invalid, NotAllowed, NotFound, SignInRefused
from sessions_app.services.idempotency import Told, Use

_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]{1,255}")


class ApiRequest(HttpRequest):
    """A request by a bearer, inside the transaction in which they act."""

    caller: Caller
    actor: Actor
    # Where the operation is about a project: which, and the person's membership (None: an agent).
    project: Project
    membership: Membership | None


@dataclass(frozen=True)
class May:
    """Who may call an operation."""

    # The least role in the project; None: the operation is about no project.
    role: Role | None = None
    # What an agent's token needs; None: no agent may.
    scope: Scope | None = None
    # Whether it changes something, which an archived project refuses.
    writes: bool = False
    # Whether doing it keeps the person's session alive.
    is_activity: bool = False
    # Whether it may take away the caller's own right to it, and its answer is told again all the same.
    ends_right: bool = False
    # Whether it only reads, and a replica may answer (db/replica.py).
    may_lag: bool = False


SIGNED_IN = May()
READS = May(Role.VIEWER, Scope.BRIEFING)
OWNER_READS = May(Role.OWNER)
# One's own things, a viewer's too: session, tracking, marks.
OWN = May(Role.VIEWER)
READS_THAT_MAY_LAG = replace(READS, may_lag=True)
OWN_THAT_MAY_LAG = replace(OWN, may_lag=True)
OWNS = May(Role.OWNER, writes=True, is_activity=True)
# What an archived project needs too: to be restored somehow, and to shut somebody out.
OWNS_ALSO_ARCHIVED = May(Role.OWNER, is_activity=True)


def writes(scope: Scope | None = None) -> May:
    """A verb of editors, and of agents with this scope."""
    return May(Role.EDITOR, scope, writes=True, is_activity=True)


@dataclass(frozen=True)
class Answer:
    """What an operation answers, where it is not the one status it gives."""

    body: BaseModel
    status: int


class Place(Router):
    """Where the operations of one noun are."""

    def __init__(self, place: str, tag: str) -> None:
        super().__init__(tags=[tag])
        self.place = place


class BadKey(Exception):
    """The Idempotency-Key is none."""


Gives = Mapping[int, Any]
View = Callable[..., Answer | BaseModel | HttpResponseBase]


def operation(
    router: Place,
    method: str,
    path: str,
    *,
    gives: Gives,
    may: May | None,
    example: Mapping[str, object] | None = None,
    sign_in_name: Callable[[Any], str] | None = None,
    also_as: str = "",
) -> Callable[[View], View]:
    """Register an operation.

    `gives`: the status and body of success (None: no JSON, only what `also_as` names). `may`: who (None:
    anybody, whose name for idempotency `sign_in_name` makes of the body). `example`: a body that works.
    `also_as`: another content type it may answer with. The decorated function returns a body, an Answer, or
    a response of its own; it raises what services do.
    """

    def register(view: View) -> View:
        signature = _signature(view)
        names = _query_names(signature)
        takes_body = any(_is_a(Body, parameter) for parameter in signature.parameters.values())
        usual = next(iter(gives))
        said = (inspect.getdoc(view) or "").split("\n")

        @functools.wraps(view)
        def run(request: Any, **values: Any) -> HttpResponseBase:  # noqa: ANN401 -- becomes an ApiRequest
            _refuse_unknown_names(request, names)
            if not takes_body:
                _refuse_body(request)
            caller: Caller | None = request.auth if may else None
            name = caller.name if caller else ""
            if sign_in_name:
                name = f"sign-in:{sign_in_name(values['body'])}"
            use = _key_use(request, name) if method == "POST" else None

            def act() -> Answer | BaseModel | HttpResponseBase:
                return view(request, **values)

            project_id = _project_named(values)
            if may and caller and project_id and may.may_lag and replica.is_asked():
                with suppress(replica.Unfit):
                    return _read_at_replica(request, act, usual, caller, may, project_id)
            return _perform(request, act, usual, caller, may, project_id, use)

        run.__signature__ = signature  # type: ignore[attr-defined]
        router.add_api_operation(
            router.place + path,
            [method],
            run,
            auth=Bearer() if may else None,
            response=dict(gives),
            by_alias=True,
            summary=said[0].rstrip("."),
            description="\n".join(said[1:]).strip() or None,
            operation_id=view.__name__,
            url_name=f"api_{view.__name__}",
            openapi_extra=described(
                method,
                usual,
                signed_in=may is not None,
                in_project=may is not None and may.role is not None,
                example=example,
                also_as=also_as,
                shows=example_of(gives[usual]) if gives[usual] else None,
            ),
        )
        return view

    return register


@retrying
def _perform(
    request: ApiRequest,
    act: Callable[[], Answer | BaseModel | HttpResponseBase],
    usual: int,
    caller: Caller | None,
    may: May | None,
    project_id: UUID | None,
    use: Use | None,
) -> HttpResponseBase:
    """One transaction: access, the act, what it leaves behind, and its answer kept for the key's next use."""
    with caller.acting(project_id) if caller else transaction.atomic():
        before = idempotency.told_before(use) if use else None
        if may and caller and not (before and may.ends_right):
            request.caller, request.actor = caller, caller.actor
            # Before anything is told again: what was for a member is not for whoever is none any more.
            _admit(request, caller, may, project_id)
        if before:
            return _again(before)
        if may and may.writes:
            check_may_write(request.project)
        try:
            response = _response(act(), usual)
        except SignInRefused as refused:
            # Not a rollback: a refresh token that was used twice has ended its sign-in.
            return problem(401, str(refused))
        except Conflict as faster:
            # Worded while the caller acts: afterwards nothing of the project is theirs to read.
            faster.current = as_it_stands(faster.current)
            raise
        if may and may.is_activity and project_id and caller and response.status_code < 400:
            _note_act(caller, project_id)
        if use and 200 <= response.status_code < 300:
            assert isinstance(response, HttpResponse)
            idempotency.keep(use, _told(response))
        return response


def _read_at_replica(
    request: ApiRequest,
    act: Callable[[], Answer | BaseModel | HttpResponseBase],
    usual: int,
    caller: Caller,
    may: May,
    project_id: UUID,
) -> HttpResponseBase:
    """Admitted by the primary, answered by the replica. Raises replica.Unfit when it cannot answer."""
    acting = functools.partial(caller.acting, project_id)
    with acting():
        request.caller, request.actor = caller, caller.actor
        _admit(request, caller, may, project_id)
        place = replica.place_of(project_id, caller.user.id if isinstance(caller, PersonCaller) else None)
    return replica.read(acting, place, lambda: _response(act(), usual))


def _signature(view: View) -> inspect.Signature:
    """What Ninja reads the operation's inputs from: a Query stands behind the ?, a Body in the body."""
    plain = inspect.signature(view, eval_str=True)
    return plain.replace(
        parameters=[parameter.replace(default=_default(parameter)) for parameter in plain.parameters.values()]
    )


def _default(parameter: inspect.Parameter) -> Any:  # noqa: ANN401 -- Ninja's marks
    if _is_a(Query, parameter):
        return params.Query(...)
    if _is_a(Body, parameter) and not any(
        field.is_required() for field in parameter.annotation.model_fields.values()
    ):
        # Nothing needs to be said: then the body may stay away.
        return params.Body(parameter.annotation())
    return parameter.default


def _is_a(kind: type[BaseModel], parameter: inspect.Parameter) -> bool:
    return isinstance(parameter.annotation, type) and issubclass(parameter.annotation, kind)


def _query_names(signature: inspect.Signature) -> set[str]:
    """The names an operation takes behind the ? of its address."""
    return {
        field.alias or name
        for parameter in signature.parameters.values()
        if _is_a(Query, parameter)
        for name, field in parameter.annotation.model_fields.items()
    }


def _refuse_unknown_names(request: HttpRequest, names: set[str]) -> None:
    for name, given in request.GET.lists():
        if name not in names:
            known = f"known are {', '.join(sorted(names))}." if names else "this takes none."
            raise Invalid(name, f"is no parameter here; {known}")
        if len(given) > 1:
            raise Invalid(name, "is there twice.")


def _refuse_body(request: HttpRequest) -> None:
    """Where nothing is to be said, what is said would go unheard."""
    if request.method == "GET" or not request.body:
        return
    for name in StrictParser().parse_body(request):
        raise Invalid(name, "is no field here; this takes none.")


def _key_use(request: HttpRequest, caller: str) -> Use | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _VISIBLE_ASCII.fullmatch(key):
        raise BadKey
    return Use(caller, f"{request.method} {request.path_info}"[:300], key, request.body)


def _project_named(values: Mapping[str, Any]) -> UUID | None:
    """The project an operation is about: in its address, or in its body."""
    return values.get("project_id") or getattr(values.get("body"), "project_id", None)


def _admit(request: ApiRequest, caller: Caller, may: May, project_id: UUID | None) -> None:
    """Find the project and the caller's right to it. Raises NotFound, NotAllowed."""
    if isinstance(caller, AgentCaller):
        # First whether it is there for this caller at all: what it may do there comes after.
        if project_id is not None and project_id != caller.project_id:
            raise NotFound("This project is not there.")
        _check_scope(caller, may)
        request.project, request.membership = Project.objects.get(id=caller.project_id), None
    elif may.role is not None:
        membership = Membership.objects.of(caller.user.id).filter(project=project_id).first()
        if membership is None:
            raise NotFound("This project is not there.")
        check_role(membership, may.role)
        request.project, request.membership = membership.project, membership


def _check_scope(caller: AgentCaller, may: May) -> None:
    if may.scope is None:
        raise NotAllowed("An agent's token cannot do this: people do.")
    if may.scope not in caller.scopes:
        raise NotAllowed(f"This token lacks the scope “{may.scope}”; an owner can make one that has it.")


def _note_act(caller: Caller, project_id: UUID) -> None:
    """A person's verb keeps their session alive, at the version it made; an agent's is its last visit."""
    if isinstance(caller, PersonCaller):
        sessions.touch_session(caller.user.id, project_id)
    else:
        agent_tokens.note_act(caller.token_id)


def _response(result: Answer | BaseModel | HttpResponseBase, usual: int) -> HttpResponseBase:
    if isinstance(result, HttpResponseBase):
        return result
    answer = result if isinstance(result, Answer) else Answer(result, usual)
    return HttpResponse(as_text(answer.body), status=answer.status, content_type="application/json")


def _told(response: HttpResponse) -> Told:
    return Told(response.status_code, response.headers["Content-Type"], response.content.decode())


def _again(told: Told) -> HttpResponse:
    return HttpResponse(
        told.body,
        status=told.status,
        content_type=told.content_type,
        headers={"Idempotent-Replayed": "true"},
    )
