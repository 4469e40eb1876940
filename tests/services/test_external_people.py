"""People of an external issuer: who of ours they are, by tokens it really signed."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from allauth.account.models import EmailAddress
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from config.issuer import check_issuer
from sessions_app import clock
from sessions_app.models import ExternalIdentity, User
from sessions_app.services import external_people, issuer_tokens
from sessions_app.services.errors import Unavailable
from tests.api.conftest import Program, data, problem
from tests.conftest import Cast
from tests.doing import NINE, at_once
from tests.forged_tokens import by_hand
from tests.services.issuer import AUDIENCE, ISSUER, Issuer, serving


@pytest.fixture
def issuer(cast: Cast, settings: Any) -> Iterator[Issuer]:
    """The trusted issuer; Ann has verified her e-mail here."""
    EmailAddress.objects.create(user=cast.ann, email="ann@example.org", verified=True, primary=True)
    with serving() as running:
        settings.OIDC_ISSUER, settings.OIDC_AUDIENCE = ISSUER, AUDIENCE
        settings.OIDC_JWKS_URL = running.url
        yield running
    issuer_tokens._keys_at.cache_clear()


def person(token: str) -> User | None:
    """Whom the token signs in."""
    found = external_people.person_of(token)
    return found[0] if found else None


def links() -> list[tuple[str, str]]:
    return list(ExternalIdentity.objects.order_by("subject").values_list("subject", "user__email"))


def test_a_token_of_the_issuer_is_good_at_the_api(cast: Cast, issuer: Issuer) -> None:
    program = Program(issuer.token())
    assert [each["title"] for each in data(program.get("/projects"))] == ["Lighthouse"]
    assert program.post(f"/projects/{cast.project.id}/items", {"title": "By Ann"}).status_code == 201
    assert links() == [("ann-there", "ann@example.org")]
    assert issuer.asked == ["/keys"], "its keys are kept"


def test_without_an_issuer_its_tokens_are_nobodys(cast: Cast, issuer: Issuer, settings: Any) -> None:
    settings.OIDC_ISSUER = ""
    problem(Program(issuer.token()).get("/projects"), 401)
    assert issuer.asked == []


def test_once_linked_the_subject_counts_and_the_email_no_more(cast: Cast, issuer: Issuer) -> None:
    assert person(issuer.token()) == cast.ann
    assert person(issuer.token(email="other@example.org", email_verified=False)) == cast.ann
    assert person(issuer.token(email=...)) == cast.ann
    # The address was given to somebody else there, in time.
    assert person(issuer.token(sub="another-ann")) is None
    EmailAddress.objects.all().delete()
    assert person(issuer.token()) == cast.ann
    assert links() == [("ann-there", "ann@example.org")]


def test_an_email_links_only_when_both_sides_have_verified_it(cast: Cast, issuer: Issuer) -> None:
    EmailAddress.objects.create(user=cast.bob, email="bob@example.org", verified=False, primary=True)
    EmailAddress.objects.create(user=cast.vera, email="mıke@example.org", verified=True, primary=True)
    people = User.objects.count()
    for name, change in {
        "not verified there": {"email_verified": False},
        "not said to be verified": {"email_verified": ...},
        "verified as a text": {"email_verified": "true"},
        "verified as a number": {"email_verified": 1},
        "not verified here": {"email": "bob@example.org"},
        "no address here": {"email": "zoe@example.org"},
        "unknown": {"email": "new@example.org"},
        "one letter that is another without regard to case": {"email": "MIKE@example.org"},
        "and the other way round": {"email": "\u212aate@example.org"},
        "empty": {"email": ""},
        "a list": {"email": ["ann@example.org"]},
        "nul": {"email": "ann@example.org\x00"},
    }.items():
        assert person(issuer.token(**change)) is None, name
    assert links() == []
    assert User.objects.count() == people, "nobody is made"


def test_an_inactive_person_is_refused_and_not_linked(cast: Cast, issuer: Issuer) -> None:
    for is_active, links_then in ((False, 0), (True, 1), (False, 1)):
        User.objects.filter(id=cast.ann.id).update(is_active=is_active)
        assert (person(issuer.token()) == cast.ann) is is_active
        assert ExternalIdentity.objects.count() == links_then


def test_two_subjects_with_one_address_at_once_link_one(cast: Cast, issuer: Issuer) -> None:
    tokens = [issuer.token(sub="one"), issuer.token(sub="two")]
    person(issuer.token(email="nobody@example.org"))  # its keys are here
    found = at_once(*[lambda token=token: person(token) for token in tokens])
    assert sorted(each is not None for each in found) == [False, True]
    assert len(links()) == 1
    # The same one twice is one link, and both are signed in.
    ExternalIdentity.objects.all().delete()
    assert at_once(*[lambda: person(tokens[0])] * 2) == [cast.ann, cast.ann]


def test_what_is_no_good_token_of_the_issuer_is_nobodys(cast: Cast, issuer: Issuer) -> None:
    good = issuer.token()
    now = int(clock.now().timestamp())
    claims = jwt.decode(good, options={"verify_signature": False})
    real = issuer.keys["first"]
    public = real.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    stranger = Issuer()
    stranger.add_key("first")
    header, body, signature = good.split(".")
    head = jwt.get_unverified_header(good)
    wrong = {
        "another's key under its name": stranger.token(),
        "no signature": f"{header}.{body}.",
        "another signature": f"{header}.{body}.{signature[::-1]}",
        "alg none": by_hand(head | {"alg": "none"}, claims, b""),
        "public key as secret": by_hand(head | {"alg": "HS256"}, claims, public),
        "ES256 by an RSA key": by_hand(head | {"alg": "ES256"}, claims, b"x"),
        "RS512": jwt.encode(claims, real, algorithm="RS512", headers={"kid": "first"}),
        "PS256": jwt.encode(claims, real, algorithm="PS256", headers={"kid": "first"}),
        "no kid": jwt.encode(claims, real, algorithm="RS256"),
        "kid is a number": by_hand(head | {"kid": 7}, claims, b"x"),
        "crit": by_hand(head | {"crit": ["exp"]}, claims, b"x"),
        "other audience": issuer.token(aud="another"),
        "no audience": issuer.token(aud=...),
        "other issuer": issuer.token(iss="https://people.example.org"),
        "no issuer": issuer.token(iss=...),
        "no subject": issuer.token(sub=...),
        "empty subject": issuer.token(sub=""),
        "long subject": issuer.token(sub="x" * 256),
        "nul in the subject": issuer.token(sub="a\x00"),
        "over": issuer.token(exp=now),
        "no end": issuer.token(exp=...),
        "end as text": issuer.token(exp=str(now + 60)),
        "end in 9999": issuer.token(exp=253_370_764_800),
        "endless": issuer.token(exp=float("inf")),
        "no number": issuer.token(exp=float("nan")),
        "not yet": issuer.token(nbf=now + 60),
        "made ahead": issuer.token(iat=now + 60),
    }
    for name, token in wrong.items():
        assert person(token) is None, name
        problem(Program(token).get("/projects"), 401)
    assert links() == []
    assert person(good) == cast.ann
    assert person(issuer.token(aud=["another", AUDIENCE])) == cast.ann


def test_its_end_is_its_own(cast: Cast, issuer: Issuer) -> None:
    with clock.at(NINE):
        token = issuer.token()
        assert external_people.person_of(token) == (cast.ann, NINE + dt.timedelta(minutes=10))
    with clock.at(NINE + dt.timedelta(minutes=10)):
        assert person(token) is None


def test_a_new_key_is_asked_for_once(cast: Cast, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer_tokens, "ASK_AGAIN_SECONDS", 0.0)
    assert person(issuer.token()) == cast.ann
    old = issuer.token()
    del issuer.keys["first"]
    issuer.add_key("second", "ES256")
    assert person(old) == cast.ann, "until its keys are asked for again"
    assert person(issuer.token("second")) == cast.ann
    assert person(issuer.token("second")) == cast.ann
    assert len(issuer.asked) == 2
    assert person(old) is None


def test_tokens_of_unknown_keys_make_no_flood_of_questions(cast: Cast, issuer: Issuer) -> None:
    stranger = Issuer()
    for number in range(5):
        stranger.add_key(f"k{number}", "ES256")
        assert person(stranger.token(f"k{number}")) is None
    assert len(issuer.asked) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        (500, {}, b""),
        (404, {}, b"{}"),
        (200, {}, b"not JSON"),
        (200, {}, b"[]"),
        (200, {}, b'{"keys": []}'),
        (200, {}, b"[" * 100_000),
    ],
)
def test_an_issuer_in_trouble_is_a_503_and_recovers(
    cast: Cast, issuer: Issuer, trouble: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token may be good: a 401 would make every front end throw it away."""
    issuer.answers = trouble
    answer = Program(issuer.token()).get("/projects")
    problem(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0
    problem(Program(issuer.token()).get("/projects"), 503)
    assert len(issuer.asked) == 1, "and nobody waits for it meanwhile"
    issuer.answers = None
    monkeypatch.setattr(issuer_tokens, "PAUSE_SECONDS", 0.0)
    assert Program(issuer.token()).get("/projects").status_code == 200


def test_an_issuer_that_is_not_there_or_hangs_is_a_503(
    cast: Cast, issuer: Issuer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_tokens, "TIMEOUT_SECONDS", 0.2)
    issuer.seconds = 0.6
    with pytest.raises(Unavailable):
        person(issuer.token())
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.OIDC_JWKS_URL = f"http://127.0.0.1:{closed.getsockname()[1]}/keys"
    problem(Program(issuer.token()).get("/projects"), 503)
    # Whoever is not of that issuer does not notice.
    problem(Program("loa_nothing").get("/projects"), 401)


def test_a_redirect_is_not_followed(cast: Cast, issuer: Issuer) -> None:
    with serving() as elsewhere:
        elsewhere.keys = issuer.keys
        issuer.answers = (302, {"Location": elsewhere.url}, b"")
        problem(Program(issuer.token()).get("/projects"), 503)
        assert elsewhere.asked == []


def test_no_transaction_waits_for_the_issuer(cast: Cast, issuer: Issuer) -> None:
    found: list[Any] = []

    def look() -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "select state from pg_stat_activity where datname = current_database()"
                " and usename = 'sessions_runtime' and state like '%%transaction%%'"
            )
            found.append(cursor.fetchall())
        connections["owner"].close()

    issuer.meanwhile = look
    assert Program(issuer.token()).get("/projects").status_code == 200
    assert found == [[]]


def test_all_of_an_issuer_is_said_or_nothing() -> None:
    url = "https://people.example.org/keys"
    check_issuer("", "", "")
    check_issuer(ISSUER, url, AUDIENCE)
    check_issuer(ISSUER, "http://127.0.0.1:8080/keys", AUDIENCE)
    for given, named in (
        ((ISSUER, "", ""), "OIDC_JWKS_URL and OIDC_AUDIENCE"),
        (("", url, AUDIENCE), "OIDC_ISSUER"),
        ((ISSUER, url, ""), "OIDC_AUDIENCE"),
        ((ISSUER, "http://people.example.org/keys", AUDIENCE), "https"),
        ((ISSUER, "file:///etc/keys", AUDIENCE), "https"),
        ((ISSUER, "https:///keys", AUDIENCE), "https"),
        (("x" * 301, url, AUDIENCE), "300"),
    ):
        with pytest.raises(ImproperlyConfigured, match=named):
            check_issuer(*given)
