"""How the admin shows what is no plain value: JSON, links, tables. Each part is a small template."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

NONE = "–"


def part(name: str, **context: object) -> SafeString:
    """`templates/admin/parts/_<name>.html`, drawn."""
    return render_to_string(f"admin/parts/_{name}.html", context)


def pretty_json(value: object) -> SafeString:
    """JSON as people read it: indented, its keys in order, texts as they are."""
    return part("json", text=json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True))


def shown_field(field: models.Field[Any, Any]) -> str | Callable[[Model], SafeString]:
    """What a detail page lists for a field: its name, or for JSON a column that draws it."""
    if not isinstance(field, models.JSONField):
        return field.name

    def column(row: Model) -> SafeString:
        return pretty_json(getattr(row, field.name))

    column.__name__ = field.name
    column.short_description = field.verbose_name  # type: ignore[attr-defined]
    return column


def row_url(row: Model) -> str:
    """The detail page of a row."""
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])


def list_url(model: type[Model], **chosen: object) -> str:
    """The list of a model, with filters."""
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist") + f"?{urlencode(chosen)}"


def links_to_lists(models_: Iterable[type[Model]], **chosen: object) -> SafeString:
    """Links to the lists of these models, with filters."""
    links = [(str(model._meta.verbose_name_plural), list_url(model, **chosen)) for model in models_]
    return part("links", links=links)


def facts(pairs: Mapping[str, object]) -> SafeString:
    """A small table of names and values; None is a dash."""
    return part("facts", pairs=[(name, NONE if value is None else value) for name, value in pairs.items()])
