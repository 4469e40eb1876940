"""Links that carry a secret: not in a log, not outliving their maker's rights."""

from __future__ import annotations

import logging

from config.logs import MaskSecrets
from sessions_app.db.rls import acting_as
from sessions_app.models import User
from sessions_app.services import members
from tests import factories
from tests.conftest import Cast
from tests.views.conftest import browse


def test_a_secret_in_an_address_is_masked_in_the_log() -> None:
    record = logging.LogRecord(
        "django.request", logging.WARNING, "", 0, "%s: %s", ("Forbidden", "/invitations/s3cret/"), None
    )
    assert MaskSecrets().filter(record)
    assert record.getMessage() == "Forbidden: /invitations/***/"


def test_the_products_log_masks_secrets(settings) -> None:
    assert "mask_secrets" in settings.LOGGING["handlers"]["stderr"]["filters"]


def test_an_invitation_ends_with_its_makers_right_to_invite(cast: Cast) -> None:
    """An owner who was removed, or steps down, cannot come back by a link of their own."""
    with acting_as(cast.ann.id):
        members.change_role(cast.project.id, cast.actor("ann"), cast.bob.id, role="owner")
    with acting_as(cast.bob.id):
        _, secret = members.invite(cast.project.id, cast.bob, role="owner")
    with acting_as(cast.ann.id):
        members.remove_member(cast.project.id, cast.actor("ann"), cast.bob.id)
    assert browse(cast.bob).post(f"/invitations/{secret}/").status_code == 409


def test_nobody_signs_up_before_the_first_owner(database: None) -> None:
    """Or a stranger would take the printed link away."""
    form = {"display_name": "Eve", "email": "eve@example.org", "password1": factories.PASSWORD}
    assert "account/signup_closed.html" in [
        template.name for template in browse().post("/account/signup/", form).templates
    ]
    assert not User.objects.exists()


def test_a_form_in_another_encoding_is_refused(cast: Cast) -> None:
    """Django would decode it by the name the client gives, into half a surrogate pair."""
    response = browse(cast.ann).post(
        "/projects/", b"title=%2B2AA-", content_type="application/x-www-form-urlencoded; charset=utf-7"
    )
    assert response.status_code == 400
