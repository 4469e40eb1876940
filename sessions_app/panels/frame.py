"""The project's page around its panels: the same for all who may do the same, but for whom it greets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from sessions_app.panels import PANELS, common_to_all, drawn, shared
from sessions_app.panels.texts import TOKEN, Text, hole
from sessions_app.panels.viewing import Viewing


@dataclass(frozen=True)
class _AnyPerson:
    """Whoever reads the page, with holes for what they are called."""

    is_staff: bool
    hides_agents: bool
    id: str = hole("me_id")
    display_name: str = hole("me_name")
    initials: str = hole("me_initials")
    email: str = hole("me_email")
    is_authenticated: bool = True

    def __str__(self) -> str:
        return self.display_name


def show_page(view: Viewing, *, token: object, toasts: SafeString) -> SafeString:
    """The whole page for one person, with all panels.

    `token` is for its forms, `toasts` is what is to be said of what was done before.
    """
    me, project = view.me, view.project
    person_kind = (me.is_staff, me.hides_agents, view.membership.is_owner)
    key = ("page", *shared.audience(view), *person_kind, project.title, view.summary.is_first)
    frame = drawn.store.get_or_draw(key, partial(_draw, view))
    html = frame.fill(
        (),
        version=view.version,
        token=token,
        now=timezone.localtime(view.now).isoformat(timespec="seconds"),
        toasts=toasts,
        me_id=me.id,
        me_name=escape(me),
        me_initials=escape(me.initials),
        me_email=escape(me.email),
        **shared.show(view, token=token),
    )
    return mark_safe(html)  # noqa: S308 -- what templates drew, and what was escaped right here


def _draw(view: Viewing) -> Text:
    person = _AnyPerson(view.me.is_staff, view.me.hides_agents)
    given = common_to_all(view) | {
        "user": person,
        "me": person,
        "epoch": view.epoch,
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
        "csrf_token": TOKEN,
        "now": hole("now"),
        "toasts": hole("toasts"),
        "panels": {name: hole(name) for name in PANELS},
    }
    return Text.parse(render_to_string("projects/page.html", given))
