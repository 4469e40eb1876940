"""People: the profile, and the first owner of an installation."""

from __future__ import annotations

import pytest

from sessions_app import clock
from sessions_app.models import User
from sessions_app.models.people import NAME_MAX_CHARACTERS
from sessions_app.services import people
from sessions_app.services.errors import Conflict, Invalid
from tests import factories
from tests.doing import DAY, NINE, NOT_TEXT, again

PASSWORD = factories.PASSWORD


def test_one_changes_ones_own_profile(database: None) -> None:
    ann = factories.user("Ann")
    people.update_profile(ann, display_name=" Ann  Lee ", time_zone="Europe/Oslo", hides_agents=True)
    stored = again(ann)
    assert (stored.display_name, stored.time_zone, stored.hides_agents) == ("Ann Lee", "Europe/Oslo", True)


def test_a_profile_has_a_name_and_a_zone_of_the_list(database: None) -> None:
    ann = factories.user("Ann")
    for name in ("", " ", "\u200b", "x" * (NAME_MAX_CHARACTERS + 1), *NOT_TEXT):
        with pytest.raises(Invalid, match=r"^display_name"):
            people.update_profile(ann, display_name=name, time_zone="UTC", hides_agents=False)
    for zone in ("", "Moon/Tycho", "../etc/passwd", "UTC\x00"):
        with pytest.raises(Invalid, match=r"^time_zone"):
            people.update_profile(ann, display_name="Ann", time_zone=zone, hides_agents=False)
    assert again(ann).display_name == "Ann"
    assert set(people.time_zones()) >= {"UTC", "Europe/Oslo"}


def test_what_came_meanwhile_to_the_digest_stays(database: None) -> None:
    """A request's person is as old as the request: a mail, or its "no more mails", may have come since."""
    ann = factories.user("Ann")
    with clock.at(NINE):
        choose(ann, "daily")
    mailed, left = again(ann), again(ann)
    User.objects.filter(id=ann.id).update(digest_at=NINE + DAY)
    choose(mailed, "daily")
    assert (again(ann).digest, again(ann).digest_at) == ("daily", NINE + DAY)
    choose(mailed, "weekly")
    assert (again(ann).digest, again(ann).digest_at) == ("weekly", NINE + DAY)
    User.objects.filter(id=ann.id).update(digest="off")
    for same in ("daily", None):
        choose(left, same)
        assert (again(ann).digest, again(ann).display_name) == ("off", "Ann")
    with clock.at(NINE + 2 * DAY):
        choose(left, "weekly")
    assert (again(ann).digest, again(ann).digest_at) == ("weekly", NINE + 2 * DAY)


def choose(person: User, digest: str | None) -> None:
    people.update_profile(person, display_name="Ann", time_zone="UTC", hides_agents=False, digest=digest)


def test_the_first_owner_is_made_once(database: None) -> None:
    made = people.create_first_owner(email="Ann@Example.org", display_name="Ann", password=PASSWORD)
    assert (made.email, made.is_staff, made.check_password(PASSWORD)) == ("ann@example.org", True, True)
    for email in ("ann@example.org", "bob@example.org"):
        with pytest.raises(Conflict):
            people.create_first_owner(email=email, display_name="Bob", password=PASSWORD)
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ann"),
        ("email", "a" * 250 + "@example.org"),
        ("email", "ann@example.org\x00"),
        ("display_name", ""),
        ("display_name", NOT_TEXT[1]),
        ("password", "short"),
        ("password", "password"),
    ],
)
def test_a_bad_field_makes_nobody(database: None, field: str, value: str) -> None:
    fields = {"email": "ann@example.org", "display_name": "Ann", "password": PASSWORD} | {field: value}
    with pytest.raises(Invalid) as refused:
        people.create_first_owner(**fields)
    assert refused.value.field == field
    assert not User.objects.exists()
