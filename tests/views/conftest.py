"""Browsers, and things to click on: what the tests of pages and verbs share."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse
from django.utils.html import escape

from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.digest.digester import digest_waiting
from sessions_app.ledger import Actor
from sessions_app.models import (
    AgentToken,
    Blocker,
    Item,
    Membership,
    Message,
    Project,
    Question,
    Session,
    User,
    Webhook,
)
from sessions_app.panels.drawn import Store
from sessions_app.services import agent_tokens, agents, blockers, items, members, messages, sessions
from tests import allowances, factories
from tests.conftest import Cast
from tests.doing import nothing_changes

HTMX = {"HX-Request": "true"}
PANEL_IDS = (
    *("header", "stats", "questions", "unseen", "changes", "steps", "blockers", "items", "chat"),
    "presence",
)
_handlers: dict[bool, ClientHandler] = {}
# For who reads in an answer's context what a panel was given: one that was drawn before is given nothing.
drawn_anew = pytest.mark.usefixtures("nothing_shared")
both_doors = pytest.mark.parametrize("door", ["form", "htmx"])


def browse(user: User | None = None, *, htmx: bool = False, **options: object) -> Client:
    """A browser: signed in as `user`, or nobody's; with `htmx` it asks as HTMX does."""
    browser = Client(headers=HTMX if htmx else {}, **options)
    # Loading the middleware anew for every browser would be a third of the tests' time.
    browser.handler = _handlers.setdefault(browser.handler.enforce_csrf_checks, browser.handler)
    if user is not None:
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def hidden_value(page: str, name: str) -> str:
    """What a form's hidden field of that name holds."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, page
    return found.group(1)


@dataclass
class World:
    """Lighthouse with people of every kind beside the cast, and makers of things to act on."""

    cast: Cast
    people: dict[str, User | None] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def person(self, caller: str) -> User | None:
        return self.people[caller]

    def path(self, name: str, /, *, project: Project | None = None, **ids: object) -> str:
        """The address of a page of a project (Lighthouse unless another is named)."""
        return reverse(name, kwargs={"project_id": (project or self.cast.project).id, **ids})

    def item(self, title: str = "", *, project: Project | None = None) -> Item:
        """A new exploring item, by the project's creator."""
        project = project or self.cast.project
        with acting_as_system([project.id]):
            return items.add_item(project.id, self._creator(project), title=title or f"Idea {self._next()}")

    def decided(self, title: str = "") -> Item:
        """A new decided item, by the project's creator."""
        item = self.item(title)
        with acting_as_system([item.project_id]):
            return items.decide_item(item.project_id, self._creator(self.cast.project), item.id)

    def message(self, text: str = "", *, by: User | None = None, project: Project | None = None) -> Message:
        """A new message, by the project's creator unless another is named."""
        project = project or self.cast.project
        actor = Actor.person(by) if by else self._creator(project)
        with acting_as_system([project.id]):
            return messages.post_message(project.id, actor, text=text or f"Saying {self._next()}")

    def question(self, text: str = "", project: Project | None = None, **more: object) -> Question:
        """A new open question of an agent."""
        text = text or f"What about {self._next()}?"
        self._report(project, "QuestionerAgent", {"questions": [{"question": text, **more}]})
        with acting_as_system([(project or self.cast.project).id]):
            return Question.objects.get(text=text)

    def blocker(self, text: str = "", project: Project | None = None) -> Blocker:
        """A new open blocker of an agent: something is not known."""
        text = text or f"Nobody knows {self._next()}"
        self._report(project, "GapDetectionAgent", {"gaps": [text]})
        with acting_as_system([(project or self.cast.project).id]):
            return Blocker.objects.get(text=text)

    def session(self, who: User, project: Project | None = None) -> Session:
        """A new session of a member."""
        with acting_as(who.id):
            return sessions.start_session(who.id, (project or self.cast.project).id)[0]

    def blocker_of(self, who: User, text: str = "") -> Blocker:
        """A new open blocker that waits for a member, raised by Ann."""
        project_id = self.cast.project.id
        with acting_as_system([project_id]):
            return blockers.raise_blocker_by_person(
                project_id, Actor.person(self.cast.ann), text=text or f"Do {self._next()}", waits_for=who.id
            )

    def member(self, name: str, role: str = "editor") -> User:
        """One more member of Lighthouse."""
        person = factories.user(name)
        with acting_as_system([self.cast.project.id]):
            Membership.objects.create(project=self.cast.project, user=person, role=role)
        return person

    def invitation(self, role: str = "editor", email: str = "") -> tuple[object, str]:
        """A new invitation to Lighthouse and its link's secret."""
        with acting_as(self.cast.ann.id):
            return members.invite(self.cast.project.id, self.cast.ann, role=role, email=email)

    def agent_token(self, project: Project | None = None) -> AgentToken:
        """A new token of an agent, by Ann."""
        project = project or self.cast.project
        with acting_as_system([project.id]):
            return agent_tokens.create_agent_token(
                project.id, self.cast.ann, name="Laptop", agent_type="Claude"
            )[0]

    def webhook(self, project: Project | None = None) -> Webhook:
        """A new webhook, by Ann: as a row, since a project has ten at most."""
        project = project or self.cast.project
        with acting_as_system([project.id]):
            return Webhook.objects.create(project=project, url="https://a.example/", created_by=self.cast.ann)

    def role_of(self, user: User) -> str | None:
        """What somebody is in Lighthouse, or None."""
        with acting_as_system([self.cast.project.id]):
            found = Membership.objects.filter(project=self.cast.project, user=user).first()
            return found.role if found else None

    def act(self, who: User, name: str, data: object = None, *, door: str = "form", **ids: object) -> str:
        """Do a verb that works; returns the page one comes back to, or the panels that HTMX gets."""
        path = self.path(name, **ids)
        if door == "htmx":
            response = browse(who, htmx=True).post(path, data or {})
            assert response.status_code == 200, response.text
            assert "<html" not in response.text
            missing = [panel for panel in PANEL_IDS if f'id="{panel}"' not in response.text]
            assert missing == []
            return response.text
        browser = browse(who)
        response = browser.post(path, data or {})
        assert response.status_code == 302, response.text
        page = browser.get(response.headers["Location"])
        assert page.status_code == 200
        assert "<html" in page.text
        return page.text

    def refuse(
        self, who: User, name: str, data: dict[str, str] | None = None, *, status: int, **ids: object
    ) -> str:
        """Do a verb that is refused, by both doors: nothing changes, and no typed text is lost.

        Returns the page.
        """
        path, data = self.path(name, **ids), data or {}
        browser = browse(who)
        browser.get(self.path("project"))
        with nothing_changes():
            by_htmx = browser.post(path, data, headers=HTMX)
            page = browser.post(path, data)
        assert (page.status_code, by_htmx.status_code) == (status, status), page.text
        assert "<html" in page.text
        if status in (409, 422):
            lost = [typed for typed in data.values() if typed.strip() and escape(typed) not in page.text]
            assert lost == []
        return page.text

    def _report(self, project: Project | None, agent_type: str, details: dict[str, object]) -> None:
        project = project or self.cast.project
        with acting_as_system([project.id]):
            agents.post_agent_activity(project.id, agent_type=agent_type, action="looks", details=details)
        digest_waiting([project.id])

    def _creator(self, project: Project) -> Actor:
        return Actor.person(self.cast.zoe if project.id == self.cast.other.id else self.cast.ann)

    def _next(self) -> str:
        return f"number {next(self._numbers)}"


@pytest.fixture
def nothing_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every panel is drawn anew for everybody."""
    monkeypatch.setattr("sessions_app.panels.drawn.store", Store(most_characters=0))


@pytest.fixture
def world(cast: Cast) -> World:
    """The cast, and makers."""
    return World(cast)


@pytest.fixture
def crowd(world: World) -> World:
    """Every kind of caller: the roles, and whoever is no member of Lighthouse (any more)."""
    cast = world.cast
    ex, gone = world.member("Ex"), world.member("Gone")
    with acting_as(cast.ann.id):
        members.remove_member(cast.project.id, cast.actor("ann"), ex.id)
    User.objects.filter(id=gone.id).update(is_active=False)
    world.people = {
        "anonymous": None,
        "viewer": cast.vera,
        "editor": cast.bob,
        "owner": cast.ann,
        "non-member": cast.zoe,
        "ex-member": ex,
        "deactivated": gone,
        "staff": factories.user("Stella", is_staff=True),
        "superuser": factories.user("Sue", is_staff=True, is_superuser=True),
    }
    return world


@pytest.fixture(autouse=True)
def _no_old_rate_limits() -> None:
    """Sign-in and sign-up are limited per address: every test has its own allowance."""
    allowances.begin_anew()
