"""Filters and tags of our templates (a builtin: no {% load %} needed)."""

from __future__ import annotations

import datetime as dt
import functools
import zlib

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from sessions_app import clock
from sessions_app.insights import durations
from sessions_app.models import User

register = template.Library()

AVATAR_HUES = 8


@register.filter
def ago(moment: dt.datetime) -> str:
    """ "2 hours ago"."""
    return durations.ago(moment, clock.now())


@register.simple_tag
def moment(when: dt.datetime) -> SafeString:
    """A time that says how long ago it was, ticks in the page, and tells its date on hover."""
    local = timezone.localtime(when)
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        local.isoformat(timespec="seconds"),
        f"{local.day} {local:%b %Y, %H:%M}",
        ago(when),
    )


@register.simple_tag
@functools.cache
def icon(name: str, size: int = 16) -> SafeString:
    """A Lucide icon, beside a word that says the same. Each is drawn once and kept: pages have hundreds."""
    return mark_safe(lucide(name, size=size, aria_hidden="true"))  # noqa: S308 -- the library's own drawing


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
def avatar(person: User | None) -> SafeString:
    """A person's initials on a colour of their own."""
    name, initials, key = (str(person), person.initials, str(person.id)) if person else ("", "?", "")
    return format_html(
        '<span class="avatar avatar--h{}" title="{}" aria-hidden="true">{}</span>', _hue(key), name, initials
    )


@register.simple_tag
def agent_avatar(agent_type: str) -> SafeString:
    """An agent's first letter, on a shape that people do not have."""
    return format_html(
        '<span class="avatar avatar--agent avatar--h{}" title="{}" aria-hidden="true">{}</span>',
        _hue(agent_type),
        agent_type,
        agent_type[:1].upper(),
    )


def _hue(key: str) -> int:
    return zlib.crc32(key.encode()) % AVATAR_HUES
