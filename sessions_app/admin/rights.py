"""Who of the staff may see what: what their permissions name, wherever it is shown."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest


def may_view(request: HttpRequest, *models: type[Model]) -> bool:
    """Whether whoever asks may look at rows of all these kinds."""
    return all(admin.site.get_model_admin(model).has_view_permission(request) for model in models)
