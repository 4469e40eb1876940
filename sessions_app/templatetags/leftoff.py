"""Filters and tags of our templates (a builtin: no {% load %} needed)."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape, format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from lucide.templatetags.lucide import lucide

from sessions_app import clock
from sessions_app.assets import files
from sessions_app.insights import durations, names, tables
from sessions_app.kept import Kept
from sessions_app.models import User
from sessions_app.panels.shared import KEPT_SECONDS
from sessions_app.panels.texts import ELSE, END, TOKEN, Condition, Text

register = template.Library()


@register.filter
def ago(moment: dt.datetime) -> str:
    """ "2 hours ago"."""
    return durations.ago(moment, clock.now())


@register.filter
def span(elapsed: dt.timedelta) -> str:
    """ "3 weeks"."""
    return durations.span(elapsed)


@register.filter
def percent(share: float) -> str:
    """ "38 %" of a share from 0 to 1."""
    return tables.percent(share)


@register.simple_tag
def moment(when: dt.datetime) -> SafeString:
    """A time that says how long ago it was, ticks in the page, and tells its date on hover."""
    return _time(when, "data-ago", ago(when))


@register.simple_tag
def deadline(when: dt.datetime) -> SafeString:
    """A time ahead, that says in how long it comes, by the server's clock; within a day it is `data-soon`."""
    now = clock.now()
    is_soon = when - now < durations.ONE_DAY
    return _time(when, "data-until data-soon" if is_soon else "data-until", durations.until(when, now))


def _time(when: dt.datetime, attributes: str, words: str) -> SafeString:
    local = timezone.localtime(when)
    return format_html(
        f'<time datetime="{{}}" title="{{}}" {attributes}>{{}}</time>',
        local.isoformat(timespec="seconds"),
        f"{local.day} {local:%b %Y, %H:%M}",
        words,
    )


@register.simple_tag
@functools.cache
def icon(name: str, size: int = 16) -> SafeString:
    """A Lucide icon, beside a word that says the same. Each is drawn once and kept: pages have hundreds.

    Only the lines are the library's: how they are drawn the style sheets say, once for all.
    """
    lines = " ".join(lucide(name).split()).partition(">")[2].replace(" />", "/>").replace("> <", "><").strip()
    head = f'<svg class="icon" width="{size}" height="{size}" viewBox="0 0 24 24" aria-hidden="true">'
    return mark_safe(head + lines)  # noqa: S308 -- the library's own


@register.simple_tag
def integrity(name: str) -> SafeString | str:
    """What a browser checks a static file by that comes from a CDN; "" where we serve it ourselves."""
    asset = files.find(name) if settings.STATIC_CDN_URL else None
    return format_html(' integrity="{}" crossorigin="anonymous"', asset.integrity) if asset else ""


# What was drawn once is kept: all who may see the same of a row get the same, in every answer and push of
# this process. With holes for what is one reader's own (panels/texts.py).
_ROOM_BYTES = 32 * 1024 * 1024
# What a row weighs beside its characters, for each of its pieces: their objects, and the key's.
_BESIDE_BYTES = 450


def _weight(text: Text) -> int:
    return text.size + _BESIDE_BYTES * len(text.pieces)


_kept: Kept[Text] = Kept(_ROOM_BYTES, _weight)


@register.simple_tag(takes_context=True)
def row(context: template.Context, template_name: str, **named: Any) -> SafeString:  # noqa: ANN401
    """A partial of one row, drawn once for all who see the same: `{% row "x/_y.html" y=y %}`.

    What is `named` must compare by what is shown of it, and white space in it must mean nothing. Beside
    it the partial has the membership (for `may_write` alone), the project, and whether agents are hidden.
    """
    tick = int(clock.now().timestamp()) // KEPT_SECONDS
    hides_agents, zone = context["hides_agents"], timezone.get_current_timezone_name()
    text = _drawn(context, template_name, named, (*named.values(), hides_agents, zone, tick))
    return _handed_out(context, text)


# A card's verbs differ from card to card of a kind only by these two, and the forms of verbs by the id.
_STAND_IN_ID = "00000000-0000-4000-8000-0000000c0de0"
_STAND_IN_TITLE = "\ue000"
_TITLE_SPOKEN_CHARACTERS = 80


@dataclass(frozen=True)
class _StandIn:
    """An item whose id and title are put in later."""

    state: str = ""
    is_to_review: bool = False
    id: str = _STAND_IN_ID
    title: str = _STAND_IN_TITLE


@register.simple_tag(takes_context=True)
def verbs(context: template.Context, item: Any) -> SafeString:  # noqa: ANN401 -- an item or its card
    """The verbs of a card: `items/_verbs.html` without the forms, drawn once a kind, stamped per item."""
    stand_in = _StandIn(item.state, item.is_to_review)
    text = _drawn(context, "items/_verbs.html", {"item": stand_in}, (stand_in,))
    title = escape(Truncator(item.title).chars(_TITLE_SPOKEN_CHARACTERS))
    return _handed_out(context, text.stamped({_STAND_IN_ID: str(item.id), _STAND_IN_TITLE: title}))


@register.simple_tag(takes_context=True)
def verb_forms(context: template.Context) -> SafeString:
    """The forms of the verbs, once for all cards of a page: `items/_verb_forms.html`."""
    return _handed_out(context, _drawn(context, "items/_verb_forms.html", {"item": _StandIn()}, ()))


def _drawn(
    context: template.Context, template_name: str, named: dict[str, Any], differs_by: tuple[object, ...]
) -> Text:
    shared = {name: context[name] for name in ("membership", "project", "hides_agents")}
    project = shared["project"]
    may_write = shared["membership"].may_write
    key = (template_name, project.id, may_write, project.archived_at is None, *differs_by)
    if (text := _kept.get(key)) is None:
        texts: list[Text] = []
        given = shared | {"csrf_token": TOKEN, "shared": texts} | named
        # Taking the indentation out makes a third of what is sent.
        html = " ".join(render_to_string(template_name, given).split())
        text = Text.parse(html, texts)
        _kept.put(key, text)
    return text


def _handed_out(context: template.Context, text: Text) -> SafeString:
    """What was drawn for all, as it goes into a page: a mark of it, if that is for all, or without holes."""
    if (texts := context.get("shared")) is not None:
        html = text.put(texts)
    else:
        chosen = context["choosing"].choose(text)
        html = text.fill(chosen, version=context["version"], token=context.get("csrf_token", ""))
    return mark_safe(html)  # noqa: S308 -- drawn by a template


class _Personal(template.Node):
    """`{% personal "mine" by %}…{% else %}…{% endpersonal %}`: see the tag."""

    def __init__(
        self, values: list[template.base.FilterExpression], yes: template.NodeList, no: template.NodeList
    ) -> None:
        self.values, self.yes, self.no = values, yes, no

    def render(self, context: template.Context) -> SafeString:
        asks, by, *more = [value.resolve(context) for value in self.values]
        condition = Condition(asks, by or None, *more)
        if context.get("shared") is None:
            return (self.yes if context["choosing"].holds(condition) else self.no).render(context)
        both = (condition.mark, self.yes.render(context), ELSE, self.no.render(context), END)
        return mark_safe("".join(both))  # noqa: S308 -- marks, and what templates drew


@register.tag
def personal(parser: template.base.Parser, token: template.base.Token) -> _Personal:
    """A choice of two texts by who reads, in what may be drawn for all (panels/texts.py `Condition`):

    `"mine" by`, `"news" by version`, `"first" by version is_cut`. `{% else %}` may be left out.
    """
    values = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    yes = parser.parse(("else", "endpersonal"))
    no = template.NodeList()
    if parser.next_token().contents == "else":
        no = parser.parse(("endpersonal",))
        parser.delete_first_token()
    return _Personal(values, yes, no)


@register.filter
def paragraphs(text: str) -> SafeString:
    """A person's plain text as HTML: escaped, blank lines part paragraphs."""
    return mark_safe(linebreaks(escape(text)))  # noqa: S308 -- escaped right here


@register.filter
def counted(number: int, words: str) -> str:
    """`1 item`, `4 items`; give both words where the plural is irregular: "reply,replies"."""
    singular, _, plural = words.partition(",")
    return durations.counted(number, singular, plural or f"{singular}s")


@register.simple_tag
def avatar(person: User | None, mark: str = "") -> SafeString:
    """A person's initials; `mark` tells them apart from others of their name."""
    name, initials = (str(person), person.initials) if person else ("", "?")
    name += f" ({mark})" if mark else ""
    return format_html('<span class="avatar" title="{}" aria-hidden="true">{}</span>', name, initials)


@register.filter
def initials(name: str) -> str:
    """The letters of an avatar, where there is only the name."""
    return names.initials(name)


@register.simple_tag
def agent_avatar(agent_type: str) -> SafeString:
    """An agent's first letter, on a shape that people do not have."""
    return format_html(
        '<span class="avatar avatar--agent" title="{}" aria-hidden="true">{}</span>',
        agent_type,
        names.seen(agent_type)[:1].upper(),
    )
