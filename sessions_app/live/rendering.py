"""What one person is shown of a project now: the panels' own partials, rendered without a request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from uuid import UUID

from django.db import connection
from django.template.loader import render_to_string
from django.utils import timezone

from sessions_app import clock
from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as, acting_as_system
from sessions_app.insights.wording import changes_in_words
from sessions_app.live.known import Known
from sessions_app.live.place import Version
from sessions_app.models import Activity, Membership, Project
from sessions_app.panels import PANELS, chat, following, items
from sessions_app.panels.shared import draw
from sessions_app.panels.texts import TOKEN, VERSION, Reader, Text
from sessions_app.panels.viewing import Viewing, members_of, viewing
from sessions_app.services import analytics, onlookers
from sessions_app.services.errors import NotFound
from sessions_app.services.presence import PRESENT_SECONDS

# Where a form's token is put in later, and the version that a page is shown: what is rendered once goes to
# many browsers.
CSRF_STAND_IN, VERSION_STAND_IN = TOKEN, VERSION
# Whoever is further behind is shown everything anew, without a list of what it was.
MOST_FACTS = 2_000
# Of these it pays to know what a page has.
LARGE = (items.NAME, chat.NAME)

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
    # Of a thousand pages most lack the same.
    _panels: dict[int, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)
    _words: dict[tuple[int, UUID | None], str] = field(default_factory=dict, compare=False, repr=False)

    def since(self, version: int) -> tuple[Fact, ...] | None:
        """The facts after `version`, or None when they are not all here."""
        if self.facts is None or version < self.after:
            return None
        return tuple(fact for fact in self.facts if fact.version > version)

    def panels_since(self, version: int) -> frozenset[str]:
        """The panels that may have changed after `version`."""
        if version not in self._panels:
            self._panels[version] = frozenset(panels_to_render(self.since(version)))
        return self._panels[version]

    def words_since(self, version: int, user_id: UUID) -> str:
        """What others than this person did after `version`."""
        key = (version, user_id if self.tells(user_id) else None)
        if key not in self._words:
            self._words[key] = in_words(self.since(version), user_id)
        return self._words[key]

    @property
    def ends_in_chat(self) -> bool:
        """Whether what happened last changes the chat alone."""
        return panels_to_render((self.facts or ())[-1:]) == {chat.NAME}

    def tells(self, user_id: UUID) -> bool:
        """Whether any of it is this person's act."""
        return user_id in self._actors

    @cached_property
    def _actors(self) -> frozenset[UUID | None]:
        return frozenset(fact.actor_id for fact in self.facts or ())


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
    # The large ones as they are in a page that is loaded.
    loaded: dict[str, str]


def news_after(project_id: UUID, version: int, newest: int) -> News:
    """Read once per project what happened after `version`, until `newest`."""
    with acting_as_system([project_id]):
        return news_between(project_id, version, newest)


def news_between(project_id: UUID, version: int, newest: int) -> News:
    """The same for a caller who acts for the project already."""
    rows = list(
        Activity.objects.filter(project_id=project_id, version__gt=version, version__lte=newest)
        .order_by("version", "id")
        .values_list("version", "kind", "actor_id")[: MOST_FACTS + 1]
    )
    return News(version, None if len(rows) > MOST_FACTS else tuple(Fact(*row) for row in rows))


def place_and_here(project_id: UUID, *, asks_here: bool = True) -> tuple[str, int, str | None]:
    """Which database this is, where the project stands, and who is here as a text to compare.

    None: that was not asked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select database_epoch(),"
            " coalesce((select version from project_counters where project_id = %s), 0),"
            " case when %s then who_is_here(%s, %s, make_interval(secs => %s))::text end",
            [project_id, asks_here, project_id, clock.now(), PRESENT_SECONDS],
        )
        epoch, version, here = cursor.fetchone()
    return epoch, version, here


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
        members = members_of(seen.members)
        view = viewing(me, membership, seen.summary, epoch=seen.epoch, here=seen.here, members=members)
        return _rendered(view, names, {})


def render_many(
    user_ids: Iterable[UUID], project_id: UUID, names: Sequence[str], *, loaded: Sequence[str] = ()
) -> dict[UUID, Rendered]:
    """The same for many people, by person; without who is no member.

    The caller acts for the project, and asks for everybody's right to it. Read for all at once, and
    drawn once for all who see the same. `loaded` are panels that are wanted as they are in a page that is
    loaded.
    """
    filled: _Filled = {}
    seen = onlookers.see(user_ids, project_id)
    members = members_of(seen.members)
    found = {}
    for membership in seen.memberships:
        summary, me = seen.summaries[membership.user_id], membership.user
        view = viewing(me, membership, summary, epoch=seen.epoch, here=seen.here, members=members)
        found[me.id] = _rendered(view, names, filled, loaded)
    return found


class Chats:
    """The chat of a project for members of it, drawn once for all who see the same."""

    def __init__(self, drawn: Mapping[int, Text]) -> None:
        self._drawn = drawn
        self._filled: _Filled = {}
        # The same by what is asked quickly, a thousand times.
        self._found: dict[Hashable, str] = {}

    def of(self, known: Known) -> str | None:
        """The chat as this person sees it, with both stand-ins; None: it was not drawn for such as them."""
        if (text := self._drawn.get(id(known.alike))) is None:
            return None
        key = text, text.alike(known.reader)
        if key not in self._found:
            self._found[key] = _filled(text, known.reader, self._filled)
        return self._found[key]


def render_chat(project_id: UUID, alike: Collection[Viewing], project_version: int) -> Chats:
    """The chat for those who are known by one of these views (live/known.py).

    The caller acts for the project, and asks for everybody's right to it; its version was looked up just
    before. Read are the project itself and, each once a version, what happened (panels/followed.py) and the
    chat.
    """
    # Whether it is archived, or its agents are paused, may be other than when they were drawn.
    project = Project.objects.filter(id=project_id).first() if alike else None
    if project is None:
        # Nobody asks, or it was deleted just now.
        return Chats({})
    said, drawn = chat.newest(project_id), {}
    for view in alike:
        now = replace(view.at_version(project_version), project=project, said=said)
        drawn[id(view)] = _drawn(now, [chat.NAME])[chat.NAME]
    return Chats(drawn)


# The HTML of texts, by what was chosen in them.
_Filled = dict[tuple[Text, tuple[bool, ...]], str]


def _rendered(view: Viewing, names: Iterable[str], filled: _Filled, loaded: Sequence[str] = ()) -> Rendered:
    """`filled` is what was filled in already for others who are rendered together with this one."""
    reader = view.reader
    panels = {name: _filled(text, reader, filled) for name, text in _drawn(view, names).items()}
    there = _drawn(view, loaded, is_swapped=False) if loaded else {}
    return Rendered(
        Version(view.summary.version, view.summary.member_version),
        panels,
        view,
        loaded={name: _filled(text, reader, filled) for name, text in there.items()},
    )


def _drawn(view: Viewing, names: Iterable[str], *, is_swapped: bool = True) -> dict[str, Text]:
    with timezone.override(view.me.zone):
        return draw(view, names, is_swapped=is_swapped)


def _filled(text: Text, reader: Reader, filled: _Filled) -> str:
    chosen = (text, text.choose(reader))
    if chosen not in filled:
        filled[chosen] = text.fill(chosen[1], version=VERSION_STAND_IN, token=CSRF_STAND_IN)
    return filled[chosen]


def tail(version: Version, announcement: str) -> str:
    """What goes with any panels: the version the page shows then, and what is said of it."""
    context = {"version": str(version), "oob": True, "announcement": announcement}
    html = render_to_string("components/_version.html", context)
    return html + render_to_string("components/_announce.html", context) if announcement else html
