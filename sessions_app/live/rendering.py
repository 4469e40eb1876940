"""What one person is shown of a project now: the panels' own partials, rendered without a request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.template.loader import render_to_string
from django.utils import timezone

from sessions_app import clock
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.insights.wording import changes_in_words
from sessions_app.live.place import Version
from sessions_app.models import Activity, Membership
from sessions_app.panels import PANELS, chat, common, following
from sessions_app.panels.viewing import Viewing, viewing
from sessions_app.services import analytics
from sessions_app.services.errors import NotFound
from sessions_app.services.presence import PRESENT_SECONDS

# Where a form's token is put in later: what is rendered once goes to several of a person's browsers.
CSRF_STAND_IN = "csrf-token-of-the-socket"
# And where the version is put in that a page is shown.
VERSION_STAND_IN = "version-of-the-page"
# Whoever is further behind is shown everything anew, without a list of what it was.
MOST_FACTS = 2_000

# What is said of a fact in the live region; what is not here changes panels without words.
_WORDS = {
    "item.decided": "decided",
    "item.explored": "reopened",
    "item.parked": "parked",
    "item.woke": "woken",
    "item.contested": "contested",
    "item.review_due": "reviews",
    "item.added": "added",
    "item.deleted": "removed",
    "question.asked": "questions",
    "question.answered": "answers",
    "blocker.raised": "blockers",
    "blocker.cleared": "cleared",
    "message.posted": "messages",
    "hand_off.left": "notes",
}


@dataclass(frozen=True)
class Fact:
    """One ledger row, as far as pushing needs it."""

    version: int
    kind: str
    actor_id: UUID | None


@dataclass(frozen=True)
class News:
    """What happened in a project after a version; `facts` is None when it is too much to list."""

    after: int
    facts: tuple[Fact, ...] | None

    def since(self, version: int) -> tuple[Fact, ...] | None:
        """The facts after `version`, or None when they are not all here."""
        if self.facts is None or version < self.after:
            return None
        return tuple(fact for fact in self.facts if fact.version > version)


@dataclass(frozen=True)
class Rendered:
    """Panels as one person sees them, all at one version (or newer), without the form token."""

    version: Version
    panels: dict[str, str]
    # As whom it was drawn.
    view: Viewing


def news_after(project_id: UUID, version: int) -> News:
    """Read once per project what happened after `version`."""
    with acting_as_system([project_id]):
        rows = list(
            Activity.objects.filter(project_id=project_id, version__gt=version)
            .order_by("version", "id")
            .values_list("version", "kind", "actor_id")[: MOST_FACTS + 1]
        )
    return News(version, None if len(rows) > MOST_FACTS else tuple(Fact(*row) for row in rows))


def epoch_and_here(project_id: UUID) -> tuple[str, str]:
    """Which database this is, and who is here, both as texts to compare."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "select database_epoch(), who_is_here(%s, %s, make_interval(secs => %s))::text",
            [project_id, now, PRESENT_SECONDS],
        )
        epoch, here = cursor.fetchone()
    return epoch, here


def panels_to_render(facts: Iterable[Fact] | None) -> set[str]:
    """The panels that these facts may have changed; all, when it is not known which facts they are."""
    return set(PANELS) if facts is None else following(fact.kind for fact in facts)


def in_words(facts: Iterable[Fact] | None, user_id: UUID) -> str:
    """What others did, for the live region: "2 new decisions, 1 new message"; "" when there is nothing."""
    said = Counter(
        _WORDS[fact.kind] for fact in facts or () if fact.actor_id != user_id and fact.kind in _WORDS
    )
    return changes_in_words(said)


@retrying
def render(user_id: UUID, project_id: UUID, names: Sequence[str]) -> Rendered | None:
    """Render the named panels with this person's rights; None when they are no member (any more)."""
    with acting_as(user_id):
        memberships = Membership.objects.of(user_id).select_related("user")
        membership = memberships.filter(project_id=project_id, user__is_active=True).first()
        if membership is None:
            return None
        me = membership.user
        try:
            seen = analytics.see(user_id, project_id)
        except NotFound:
            return None
        view = viewing(me, membership, seen.summary, epoch=seen.epoch, here=seen.here, members=seen.members)
        with timezone.override(me.zone):
            return Rendered(
                version=Version(view.summary.version, view.summary.member_version),
                panels=_panels(view, names),
                view=view,
            )


def render_chat(views: Sequence[Viewing]) -> dict[UUID, str]:
    """The chat for several members of one project, drawn once for all who see the same; by person.

    Read once for all: everybody's right to it was looked up just before. It carries the
    VERSION_STAND_IN.
    """
    drawn: dict[tuple[object, ...], str] = {}
    found: dict[UUID, str] = {}
    project_id = views[0].project_id
    with acting_as_system([project_id]):
        rows = chat.newest_first(project_id)
    for view in views:
        with timezone.override(view.me.zone):
            page = chat.page_of(view, rows)
            key = (page, view.membership.role, view.me.hides_agents, view.me.time_zone)
            if key not in drawn:
                given = {"version": VERSION_STAND_IN, "chat": page, "oob": True, "csrf_token": CSRF_STAND_IN}
                drawn[key] = render_to_string(chat.TEMPLATE, common(view) | given)
            found[view.me.id] = drawn[key]
    return found


def _panels(view: Viewing, names: Sequence[str]) -> dict[str, str]:
    shared = common(view) | {"oob": True, "csrf_token": CSRF_STAND_IN}
    return {
        name: render_to_string(PANELS[name].TEMPLATE, shared | PANELS[name].context(view))
        for name in PANELS
        if name in names
    }


def tail(version: Version, announcement: str) -> str:
    """What goes with any panels: the version the page shows then, and what is said of it."""
    context = {"version": str(version), "oob": True, "announcement": announcement}
    html = render_to_string("components/_version.html", context)
    return html + render_to_string("components/_announce.html", context) if announcement else html
