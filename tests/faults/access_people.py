"""Lighthouse and every kind of caller, made inside the running product's database, in a `manage.py shell`."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterator

import jwt

from sessions_app import clock
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.models import AgentToken, Blocker, Membership, Project, Question, User
from sessions_app.models.bearers import Scope
from sessions_app.services import access_tokens, agent_tokens, blockers, members, questions, sign_ins
from sessions_app.services.access_tokens import _key as signing_key
from tests import allowances, factories
from tests.conftest import Cast
from tests.faults.signing_in import signed_in
from tests.filling import fill
from tests.views.conftest import World

PEOPLE = ("viewer", "editor", "owner", "non-member", "ex-member", "deactivated", "staff", "superuser")
ROLES = ("viewer", "editor", "owner")


@dataclasses.dataclass
class Lighthouse(World):
    """The world of the tests in the process, but here a worker folds reports whenever it likes."""

    def question(self, text: str = "", project: Project | None = None, **more: object) -> Question:
        project_id = (project or self.cast.project).id
        with acting_as_system([project_id]):
            return questions.ask_question(project_id, "QuestionerAgent", text=f"What about {self._next()}?")

    def blocker(self, text: str = "", project: Project | None = None) -> Blocker:
        project_id = (project or self.cast.project).id
        with acting_as_system([project_id]):
            return blockers.raise_blocker(project_id, "GapDetectionAgent", text=f"Unknown: {self._next()}")

    def member(self, name: str, role: str = "editor") -> User:
        person = user(name, self.cast.ann.password)
        with acting_as_system([self.cast.project.id]):
            Membership.objects.create(project=self.cast.project, user=person, role=role)
        return person


@dataclasses.dataclass
class Scene:
    """The people and how each says who they are."""

    world: Lighthouse
    cookies: dict[str, str] = dataclasses.field(default_factory=dict)
    bearers: dict[str, str] = dataclasses.field(default_factory=dict)


def set_scene() -> Scene:
    """People of every kind, their browsers, their programs, agents, and bearers that are none."""
    mark = uuid.uuid4().hex[:8]
    ann = factories.user(f"Ann{mark}")
    bob, vera, zoe, ex, gone = (
        user(f"{name}{mark}", ann.password) for name in ("Bob", "Vera", "Zoe", "Ex", "Gone")
    )
    project = factories.project(ann, "Lighthouse", editors=[bob, ex, gone], viewers=[vera])
    world = Lighthouse(Cast(ann, bob, vera, zoe, project, factories.project(zoe, "Zoe's own")))
    fill(project, ann)
    stella = user(f"Stella{mark}", ann.password, is_staff=True)
    sue = user(f"Sue{mark}", ann.password, is_staff=True, is_superuser=True)
    people = dict(zip(PEOPLE, (vera, bob, ann, zoe, ex, gone, stella, sue), strict=True))
    world.people = {"anonymous": None, **people}
    scene = Scene(world)
    for name, person in people.items():
        scene.cookies[name] = signed_in(person)
        scene.bearers[name] = tokens_of(person).access_token
    with acting_as(ann.id):
        members.remove_member(project.id, world.cast.actor("ann"), ex.id)
    User.objects.filter(id=gone.id).update(is_active=False)
    scene.bearers |= dict(agents(world)) | dict(dead_bearers(world))
    return scene


def user(name: str, password: str, **more: object) -> User:
    """A person whose password is hashed already: that takes a twentieth of a second, by design."""
    email = f"{name.lower()}@example.org"
    return User.objects.create(email=email, display_name=name, password=password, **more)


def tokens_of(user: User) -> sign_ins.Tokens:
    """A program's sign-in, by the password that all of them have."""
    # More of them than one client may try.
    allowances.begin_anew()
    return sign_ins.sign_in(user.email, factories.PASSWORD, client="127.0.0.1")


def agents(world: Lighthouse) -> Iterator[tuple[str, str]]:
    """An agent with every scope, one with each, and one of the other project."""
    for name, scopes in [("every scope", list(Scope.values)), *((scope, [scope]) for scope in Scope.values)]:
        yield f"agent: {name}", agent_token(world, world.cast.project.id, scopes)[1]
    yield "agent of another project", agent_token(world, world.cast.other.id, list(Scope.values))[1]


def agent_token(world: Lighthouse, project_id: uuid.UUID, scopes: list[str]) -> tuple[AgentToken, str]:
    with acting_as_system([project_id]):
        return agent_tokens.create_agent_token(
            project_id, world.cast.ann, name="Access", agent_type="PlannerAgent", scopes=scopes
        )


def dead_bearers(world: Lighthouse) -> Iterator[tuple[str, str]]:
    """Tokens of the owner that are not good (any more), and of agents."""
    good = tokens_of(world.cast.ann)
    claims = jwt.decode(
        good.access_token,
        signing_key(),
        algorithms=[access_tokens.ALGORITHM],
        audience=access_tokens.AUDIENCE,
    )

    def made(algorithm: str = access_tokens.ALGORITHM, **other: object) -> str:
        return jwt.encode(claims | other, signing_key() if algorithm != "none" else None, algorithm=algorithm)

    hour_ago = int((clock.now() - dt.timedelta(hours=1)).timestamp())
    yield "expired", made(iat=hour_ago, exp=hour_ago + 60)
    yield "no algorithm", made("none")
    yield "another algorithm", made("HS512")
    yield "another audience", made(aud="elsewhere")
    yield "malformed", good.access_token[:-8]
    yield "a refresh token", good.refresh_token
    over = tokens_of(world.cast.ann)
    sign_ins.revoke(over.refresh_token)
    yield "revoked", over.access_token
    for name, change in (
        ("revoked agent token", {"revoked_at": clock.now()}),
        ("expired agent token", {"expires_at": clock.now() - dt.timedelta(minutes=1)}),
    ):
        row, secret = agent_token(world, world.cast.project.id, list(Scope.values))
        with acting_as_system([row.project_id]):
            AgentToken.objects.filter(id=row.id).update(**change)
        yield name, secret
