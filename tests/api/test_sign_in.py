"""Signing in at the API, and every way in which that ends: at the next request."""

from __future__ import annotations

from typing import Any

import pytest

from sessions_app import clock
from sessions_app.models import ApiSignIn, User
from sessions_app.services import access_tokens
from tests import factories
from tests.api.conftest import Program, data, fields, problem
from tests.conftest import Cast
from tests.doing import DAY, NINE
from tests.forged_tokens import forgeries
from tests.views.conftest import browse

nobody = Program()


def sign_in(user: User) -> dict[str, Any]:
    return data(nobody.post("/auth/token", {"email": user.email, "password": factories.PASSWORD}))


def status(token: str) -> int:
    """What the API answers to this token."""
    code: int = Program(token).get("/projects").status_code
    return code


def refresh(token: str) -> Any:
    return nobody.post("/auth/refresh", {"refreshToken": token})


def test_a_sign_in_from_beginning_to_end(cast: Cast) -> None:
    tokens = sign_in(cast.ann)
    assert tokens["tokenType"] == "Bearer"
    assert tokens["userId"] == str(cast.ann.id)
    assert tokens["expiresIn"] == 900
    assert status(tokens["accessToken"]) == 200
    fresh = data(refresh(tokens["refreshToken"]))
    assert status(fresh["accessToken"]) == 200
    for _ in range(2):
        answer = nobody.post("/auth/revoke", {"refreshToken": fresh["refreshToken"]})
        assert answer.status_code == 200
        assert answer.json() == {"success": True, "message": "Signed out."}
    assert status(tokens["accessToken"]) == status(fresh["accessToken"]) == 401
    problem(refresh(fresh["refreshToken"]), 401)


def test_what_carries_tokens_is_kept_by_no_cache(cast: Cast) -> None:
    answer = nobody.post("/auth/token", {"email": cast.ann.email, "password": factories.PASSWORD})
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_wrong_password_is_a_401_that_does_not_say_what_is_wrong(cast: Cast) -> None:
    cast.bob.is_active = False
    cast.bob.save(update_fields=["is_active"])
    answers = [
        nobody.post("/auth/token", {"email": email, "password": password}).content
        for email, password in (
            (cast.ann.email, "wrong"),
            ("nobody@example.org", "wrong"),
            (cast.bob.email, factories.PASSWORD),
        )
    ]
    assert len(set(answers)) == 1
    problem(nobody.post("/auth/token", {"email": cast.ann.email, "password": "wrong"}), 401)


def test_a_bad_body_names_its_field(cast: Cast) -> None:
    for path, body, named in (
        ("/auth/token", {"email": cast.ann.email}, "password"),
        ("/auth/token", {"email": 7, "password": "x"}, "email"),
        ("/auth/token", {"email": "nul \x00", "password": "x"}, "email"),
        ("/auth/token", {"email": "x" * 255, "password": "x"}, "email"),
        ("/auth/token", {"email": "a", "password": "x" * 1025}, "password"),
        ("/auth/token", {"email": "a", "password": "x", "remember": True}, "remember"),
        ("/auth/refresh", {}, "refreshToken"),
        ("/auth/refresh", {"refreshToken": "x" * 201}, "refreshToken"),
        ("/auth/revoke", {"refreshToken": None}, "refreshToken"),
    ):
        assert fields(nobody.post(path, body)) == [named], body
    assert not ApiSignIn.objects.exists()


def test_too_many_tries_are_told_when_to_come_back(cast: Cast) -> None:
    for _ in range(12):
        answer = nobody.post("/auth/token", {"email": cast.ann.email, "password": "wrong"})
    problem(answer, 429)
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_second_use_of_a_refresh_token_ends_the_sign_in(cast: Cast) -> None:
    """The refusal is kept, although it is a refusal: the next request finds the sign-in ended."""
    tokens = sign_in(cast.ann)
    fresh = data(refresh(tokens["refreshToken"]))
    problem(refresh(tokens["refreshToken"]), 401)
    assert status(fresh["accessToken"]) == 401
    assert ApiSignIn.objects.get().ended_how == "refresh token used twice"


def test_a_refresh_that_is_repeated_under_its_key_is_no_second_use(cast: Cast) -> None:
    """An answer that was lost on the way costs nobody their sign-in."""
    body = {"refreshToken": sign_in(cast.ann)["refreshToken"]}
    first, again = (nobody.post("/auth/refresh", body, idempotency_key="try-1") for _ in range(2))
    assert first.content == again.content
    assert status(data(again)["accessToken"]) == 200


def test_an_access_token_ends_after_15_minutes(cast: Cast) -> None:
    with clock.at(NINE):
        token = sign_in(cast.ann)["accessToken"]
        assert status(token) == 200
    with clock.at(NINE + DAY / 96):
        answer = Program(token).get("/projects")
    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_forged_token_is_a_401_and_stands_in_no_log(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    """Case L01."""
    good = sign_in(cast.ann)["accessToken"]
    caplog.set_level("DEBUG", "django")
    caplog.set_level("DEBUG", "sessions_app")
    for name, forged in forgeries(good, access_tokens._key(), str(cast.bob.id)).items():
        if not name.startswith("half"):
            assert status(forged) == 401, name
        if len(forged) > 20:
            assert forged not in caplog.text, name


def test_only_one_authorization_header_counts_and_nothing_else_does(cast: Cast) -> None:
    good = sign_in(cast.ann)["accessToken"]
    for header in (
        f"Bearer {good}, Bearer {good}",
        f"Bearer {good},Bearer x",
        f"Basic {good}",
        f"bearer{good}",
        good,
        "Bearer",
        "Bearer ",
    ):
        problem(nobody.get("/projects", authorization=header), 401)
    assert nobody.get("/projects", authorization=f"bearer {good}").status_code == 200
    for name in ("access_token", "token", "authorization"):
        problem(nobody.get(f"/projects?{name}={good}"), 401)


def test_signing_out_in_the_browser_ends_every_program_of_the_person(cast: Cast) -> None:
    """Case L03: and nobody else's."""
    browser = browse(cast.ann)
    ann, bob = sign_in(cast.ann), sign_in(cast.bob)
    browser.get("/profile/")
    assert browser.post("/account/logout/").status_code == 302
    assert status(ann["accessToken"]) == 401
    problem(refresh(ann["refreshToken"]), 401)
    assert status(bob["accessToken"]) == 200


def test_changing_the_password_in_the_browser_ends_every_program_of_the_person(cast: Cast) -> None:
    ann = sign_in(cast.ann)
    form = {"oldpassword": factories.PASSWORD, "password1": "a horse of another colour"}
    answer = browse(cast.ann).post("/account/password/change/", form | {"password2": form["password1"]})
    assert answer.status_code == 302
    assert status(ann["accessToken"]) == 401
    problem(refresh(ann["refreshToken"]), 401)


def test_deactivation_ends_access_and_activation_does_not_bring_a_password_back(cast: Cast) -> None:
    token = sign_in(cast.ann)["accessToken"]
    User.objects.filter(id=cast.ann.id).update(is_active=False)
    assert status(token) == 401
    problem(nobody.post("/auth/token", {"email": cast.ann.email, "password": factories.PASSWORD}), 401)


def test_a_ticket_is_for_members_and_agents_with_the_scope(cast: Cast, ann: Program) -> None:
    body = {"projectId": str(cast.project.id)}
    ticket = data(ann.post("/auth/ticket", body), 201)
    assert ticket["ticket"].startswith("lot_")
    assert ticket["expiresIn"] == 60
    assert ticket["url"] == (
        f"ws://127.0.0.1:8000/projects/{cast.project.id}/live/?ticket={ticket['ticket']}"
    )
    problem(ann.post("/auth/ticket", {"projectId": str(cast.other.id)}), 404)
    problem(nobody.post("/auth/ticket", body), 401)
