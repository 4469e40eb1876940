"""Lighthouse with every kind of caller, inside the running product's database; runs in a `manage.py shell`.

Prints, as JSON, how each caller says who they are, and for each route a call with real ids of Lighthouse:
one that all may try who are refused, and one anew for each who may.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.urls import reverse

from sessions_app.db.rls import acting_as_admin, acting_as_system
from sessions_app.models import Membership
from tests import allowances, factories
from tests.api import table as api_table
from tests.faults.access_people import PEOPLE, ROLES, Lighthouse, Scene, set_scene
from tests.views import table as page_table

# As many kinds of callers as the API tells apart.
KINDS = 8
# What a verb changes for all later calls happens in a project of its own.
ALONE = {
    *("project_delete", "project_leave", "project_archive", "project_restore", "member_hand_over"),
    *("project_rename", "project_edit", "step_done", "step_snooze", "step_undo", "agents_pause"),
    *("agents_resume", "webhook_create", "webhook_test", "session_end", "decision_accept", "invitation"),
}


def tell(base_url: str) -> None:
    """Make all of it for the product that is reached at `base_url`, and print it."""
    # Whose name tokens carry as their issuer's.
    settings.BASE_URL = base_url
    scene = set_scene()
    told = {
        "project": str(scene.world.cast.project.id),
        "other": str(scene.world.cast.other.id),
        "owner": scene.world.cast.ann.email,
        "cookies": scene.cookies,
        "bearers": scene.bearers,
        "pages": [call for name in page_table.TABLE for call in page_calls(scene, name)],
        "operations": [call for name in api_table.TABLE for call in operation_calls(scene, name)],
        "rows": admin_rows(),
    }
    print("TOLD " + json.dumps(told, default=str))


def page_calls(scene: Scene, name: str) -> Iterator[dict[str, Any]]:
    """A page's GET and POST: one for whoever is refused, and one anew for each who may."""
    row = page_table.TABLE[name]
    for method, least in (("GET", row.get), ("POST", row.post)):
        yield {**page_call(scene.world, name, None, method), "htmx": False}
        if least in page_table.RANK:
            callers = [role for role in ROLES if page_table.RANK[role] >= page_table.RANK[least]]
        else:
            callers = [person for person in PEOPLE if least and name in ALONE]
        for caller in callers:
            # What only shows something is there for all who may, but for one's own.
            if method == "POST" or row.ids is not page_table.nothing:
                for htmx in (False, True):
                    yield {**page_call(scene.world, name, caller, method), "htmx": htmx}


def page_call(world: Lighthouse, name: str, caller: str | None, method: str) -> dict[str, Any]:
    """The address of a page with new things in it, and its form."""
    row, who = page_table.TABLE[name], world.people[caller or "owner"]
    assert who
    there = apart(world) if caller and name in ALONE else world
    ids = row.ids(there, who)
    path = there.path(name, **ids) if row.in_project else reverse(name, kwargs=ids)
    if method == "GET" and row.query:
        path += f"?{urlencode(row.query)}"
    form = row.body(there, who) if method == "POST" and row.post else {}
    return {"name": name, "method": method, "caller": caller, "path": path, "form": form}


def operation_calls(scene: Scene, name: str) -> Iterator[dict[str, Any]]:
    """An operation: for whoever is refused, and for each role and agent that may."""
    row = api_table.TABLE[name]
    # A sign-in's tokens are good for one use.
    callers: list[str | None] = [None] * (KINDS if row.least == api_table.ANYONE else 1)
    if row.least in api_table.RANK:
        callers += [role for role in ROLES if api_table.RANK[role] >= api_table.RANK[row.least]]
    if row.scope:
        callers += ["agent: every scope", f"agent: {row.scope}"]
    for caller in callers:
        who = scene.world.people[caller if caller in ROLES else "owner"]
        assert who
        there = apart(scene.world) if caller in ROLES and name in ALONE else scene.world
        allowances.begin_anew()
        ids = {"project_id": there.cast.project.id} | row.ids(there, who)
        method, path = api_table.OPERATIONS[name]
        yield {
            "name": name,
            "method": method,
            "caller": caller,
            "path": path.format(**ids) + row.query,
            "body": row.body(there, who) if row.body else None,
        }


def apart(world: Lighthouse) -> Lighthouse:
    """A Lighthouse of its own with the same people, and a second owner, so that the first may leave."""
    cast = world.cast
    project = factories.project(cast.ann, "Lighthouse", editors=[cast.bob], viewers=[cast.vera])
    with acting_as_system([project.id]):
        Membership.objects.create(project=project, user=cast.zoe, role="owner")
    there = Lighthouse(dataclasses.replace(cast, project=project), world.people)
    there.item()
    return there


def admin_rows() -> dict[str, str]:
    """The key of one row of each model the admin shows, by its name there."""
    with acting_as_admin():
        found = {
            f"{model._meta.app_label}_{model._meta.model_name}": model._base_manager.first()
            for model in admin.site._registry
        }
        return {name: str(row.pk) for name, row in found.items() if row}
