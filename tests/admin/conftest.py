"""Staff, and an installation with a row in every table that the admin shows."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from sessions_app import clock
from sessions_app.db.rls import acting_as_admin
from sessions_app.models import MetricSample, User
from sessions_app.services import audit, sign_ins
from tests import allowances, factories, filling
from tests.conftest import Cast
from tests.views.conftest import browse

admin.autodiscover()
INSPECTED = sorted(admin.site._registry, key=lambda model: model._meta.label)


def path(model: type[Model], page: str = "changelist", *args: object) -> str:
    """A page of the admin."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def staff(name: str, *rights: tuple[str, type[Model]]) -> User:
    """Somebody of the staff with these rights, such as ("view", Session)."""
    user = factories.user(name, is_staff=True)
    for what, model in rights:
        kind = ContentType.objects.get_for_model(model)
        right = Permission.objects.get(content_type=kind, codename=f"{what}_{model._meta.model_name}")
        user.user_permissions.add(right)
    return user


def may_all() -> User:
    return User.objects.create_superuser("root@example.org", factories.PASSWORD, display_name="Root")


@pytest.fixture
def root(cast: Cast) -> Client:
    """The browser of somebody who may do everything in the admin and is no member of anything."""
    return browse(may_all())


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """Lighthouse with a row in every table of a project, and what the admin shows beside these."""
    filling.fill(cast.project, cast.ann)
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    MetricSample.objects.create(
        resolution="hour", at=hour, metric="requests", total=1.0, observations=1, most=1.0
    )
    allowances.begin_anew()
    sign_ins.sign_in(cast.ann.email, factories.PASSWORD, client="test")
    EmailAddress.objects.create(user=cast.ann, email=cast.ann.email, primary=True, verified=True)
    job = apps.get_app_config("procrastinate").app.configure_task("a.task", allow_unknown=True)
    job.defer()
    audit.note_viewed(cast.ann, cast.project)
    return cast


def rows(model: type[Model]) -> list[Model]:
    """All rows of a model, whoever's."""
    with acting_as_admin():
        return list(model._default_manager.order_by("pk"))
