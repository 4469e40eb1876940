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
from sessions_app.panels import PANELS, chat, following
from sessions_app.panels.shared import draw
from sessions_app.panels.texts import TOKEN, VERSION, Text
from sessions_app.panels.viewing import Members, Viewing, viewing
from sessions_app.services import analytics, onlookers
from sessions_app.services.errors import NotFound
from sessions_app.services.presence import PRESENT_SECONDS

# Where a form's token is put in later, and the version that a page is shown: what is rendered once goes to
# many browsers.
CSRF_STAND_IN, VERSION_STAND_IN = TOKEN, VERSION
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
    """Panels as one person sees them, all at one version (or newer).

    They carry the two stand-ins. Who sees the same of a panel, of those rendered together, has the very
    same text of it.
    """

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
    with acting_as(user_id, project_id):
        memberships = Membership.objects.of(user_id).select_related("user")
        membership = memberships.filter(project_id=project_id, user__is_active=True).first()
        if membership is None:
            return None
        me = membership.user
        try:
            seen = analytics.see(user_id, project_id)
        except NotFound:
            return None
        members = Members(seen.members)
        view = viewing(me, membership, seen.summary, epoch=seen.epoch, here=seen.here, members=members)
        return _rendered(view, names, {})


@retrying
def render_many(user_ids: Iterable[UUID], project_id: UUID, names: Sequence[str]) -> dict[UUID, Rendered]:
    """The same for many people whose rights were looked up just before, by person; without who is no member.

    Read for all at once, and drawn once for all who see the same.
    """
    filled: _Filled = {}
    with acting_as_system([project_id]):
        seen = onlookers.see(user_ids, project_id)
        members = Members(seen.members)
        found = {}
        for membership in seen.memberships:
            summary, me = seen.summaries[membership.user_id], membership.user
            view = viewing(me, membership, summary, epoch=seen.epoch, here=seen.here, members=members)
            found[me.id] = _rendered(view, names, filled)
    return found


def render_chat(views: Sequence[Viewing], project_version: int) -> dict[UUID, str]:
    """The chat for several members of one project, drawn once for all who see the same; by person.

    Nothing else is read than the chat, once: everybody's right to it, and the project's version, were
    looked up just before. It carries both stand-ins.
    """
    filled: _Filled = {}
    with acting_as_system([views[0].project_id]):
        return {
            view.me.id: _rendered(view.at_version(project_version), [chat.NAME], filled).panels[chat.NAME]
            for view in views
        }


# The HTML of texts, by what was chosen in them.
_Filled = dict[tuple[Text, tuple[bool, ...]], str]


def _rendered(view: Viewing, names: Iterable[str], filled: _Filled) -> Rendered:
    """`filled` is what was filled in already for others who are rendered together with this one."""
    with timezone.override(view.me.zone):
        texts = draw(view, names, is_swapped=True)
    panels = {}
    for name, text in texts.items():
        chosen = (text, text.choose(view.reader))
        if chosen not in filled:
            filled[chosen] = text.fill(chosen[1], version=VERSION_STAND_IN, token=CSRF_STAND_IN)
        panels[name] = filled[chosen]
    return Rendered(Version(view.summary.version, view.summary.member_version), panels, view)


def tail(version: Version, announcement: str) -> str:
    """What goes with any panels: the version the page shows then, and what is said of it."""
    context = {"version": str(version), "oob": True, "announcement": announcement}
    html = render_to_string("components/_version.html", context)
    return html + render_to_string("components/_announce.html", context) if announcement else html
