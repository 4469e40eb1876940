"""Headers and cookies of every kind of answer, and what a start refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse

from config.databases import database_settings
from config.keys import SHORTEST_KEY_CHARACTERS, secret_key
from tests import factories
from tests.assets.asking import Answer, ask
from tests.conftest import Cast
from tests.running import ROOT, environment, manage
from tests.views.conftest import HTMX, World, browse

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def check(response: HttpResponse | Answer, *, private: bool = True) -> None:
    """What every answer carries."""
    for name, value in ALWAYS.items():
        assert response.headers.get(name) == value, (name, response.request)
    policy = dict(
        part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";")
    )
    assert POLICY.items() <= policy.items()
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "*" not in response.headers["Content-Security-Policy"]
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert not {"Server", "X-Powered-By"} & set(response.headers)
    if private:
        assert "no-store" in response.headers["Cache-Control"]
        assert "private" in response.headers["Cache-Control"]
        vary = {name.strip().lower() for name in response.headers["Vary"].split(",")}
        assert {"hx-request", "cookie"} <= vary


def test_every_kind_of_answer_carries_them(crowd: World) -> None:
    """Pages, panels, redirects, and refusals of every status."""
    cast = crowd.cast
    ann, nobody, vera, zoe = browse(cast.ann), browse(), browse(cast.vera), browse(cast.zoe)
    form = "application/x-www-form-urlencoded"
    item = crowd.item()
    answers = {
        200: [
            ann.get("/"),
            ann.get(crowd.path("project")),
            ann.get(crowd.path("panel", name="stats"), headers=HTMX),
            ann.post(crowd.path("item_add"), {"title": "T"}, headers=HTMX),
            nobody.get("/account/login/"),
            browse(crowd.person("superuser")).get("/admin/"),
            nobody.get("/livez"),
            nobody.get("/readyz"),
        ],
        301: [ann.get(crowd.path("project").removesuffix("/"))],
        302: [nobody.get("/"), ann.post(crowd.path("session_end")), nobody.get("/admin/")],
        400: [
            ann.get("/?x=%00"),
            ann.post("/", b"x=%00", content_type=form),
            nobody.get("/", headers={"host": "evil.example"}),
        ],
        401: [nobody.get("/", headers=HTMX)],
        403: [
            vera.post(crowd.path("item_add")),
            browse(cast.ann, enforce_csrf_checks=True).post("/", {"title": "T"}),
        ],
        404: [zoe.get(crowd.path("project")), nobody.get("/nothing/"), nobody.get("/static/nothing.css")],
        405: [ann.get(crowd.path("project_rename"))],
        413: [ann.post("/", "x" * 2**21, content_type=form)],
        422: [ann.post(crowd.path("item_add")), ann.post("/", {"title": ""})],
    }
    edit = {"title": "A", "version": "999"}
    answers[409] = [ann.post(crowd.path("item_edit", item_id=item.id), edit)]
    for status, responses in answers.items():
        for response in responses:
            assert response.status_code == status, response.request
            check(response)


def test_our_own_mistake_carries_them_and_tells_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 500 is a page like the others, without a word of what broke."""

    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr("sessions_app.panels.projects.page", broken)
    for headers in ({}, HTMX):
        response = browse(cast.ann, raise_request_exception=False).get("/", headers=headers)
        assert response.status_code == 500
        assert "secret inside" not in response.text
        assert "Traceback" not in response.text
        check(response)


def test_static_files_carry_what_fits_them() -> None:
    for name in ("css/base.css", "js/app.js", "vendor/htmx.min.js"):
        response = ask(f"/static/{name}")
        assert response.status_code == 200
        check(response, private=False)


def test_cookies_are_for_this_site_and_not_for_scripts(cast: Cast) -> None:
    browser = browse()
    browser.post("/account/login/", {"login": cast.ann.email, "password": factories.PASSWORD})
    browser.get("/")
    for name in ("sessionid", "csrftoken"):
        cookie = browser.cookies[name]
        assert cookie["httponly"] is True, name
        assert cookie["samesite"] == "Lax", name
        assert cookie["path"] == "/", name
        assert cookie["domain"] == "", name


def test_health_is_told_to_anybody_without_a_cookie(cast: Cast) -> None:
    for path in ("/livez", "/readyz"):
        response = browse().get(path)
        assert (response.status_code, response.text.splitlines()[0]) == (200, "ok")
        assert "Set-Cookie" not in response.headers
        assert browse().head(path).status_code == 200


SAY_HEADERS = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
host = {"host": "leftoff.example.org"}
plain = Client().get("/account/login/", headers=host)
other = Client().get("/account/login/", headers={"host": "localhost"})
browser = Client()
page = browser.get("/account/login/", secure=True, headers=host)
print(json.dumps({
    "plain": [plain.status_code, plain.headers.get("Location")],
    "by another name": [other.status_code, other.headers.get("Location")],
    "status": page.status_code,
    "hsts": page.headers.get("Strict-Transport-Security"),
    "cookies": {name: dict(morsel) for name, morsel in browser.cookies.items()},
    "session": [getattr(settings, f"SESSION_COOKIE_{name}") for name in
                ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "PATH", "DOMAIN")],
    "trusted": settings.CSRF_TRUSTED_ORIGINS,
    "proxy": getattr(settings, "SECURE_PROXY_SSL_HEADER", None),
    "debug": settings.DEBUG,
}))
"""


def test_at_an_https_address_cookies_are_bound_to_the_host(tmp_path: Path) -> None:
    """With BASE_URL=https://… : __Host- cookies, HSTS, and plain requests are sent to TLS."""
    run = subprocess.run(
        [sys.executable, "-c", SAY_HEADERS],
        cwd=ROOT,
        env=environment(
            tmp_path, BASE_URL="https://leftoff.example.org", DJANGO_SETTINGS_MODULE="config.settings"
        ),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said["plain"] == [301, "https://leftoff.example.org/account/login/"]
    # Links carry the configured address, whichever of ours was asked.
    assert said["by another name"] == [301, "https://leftoff.example.org/account/login/"]
    assert said["status"] == 200
    assert said["hsts"].startswith("max-age=31536000; includeSubDomains")
    assert said["session"] == ["__Host-session", True, True, "Lax", "/", None]
    token = said["cookies"]["__Host-csrf"]
    assert (token["secure"], token["httponly"], token["path"], token["domain"]) == (True, True, "/", "")
    assert said["trusted"] == ["https://leftoff.example.org"]
    assert said["proxy"] is None
    assert said["debug"] is False


def test_the_deploy_check_finds_nothing(tmp_path: Path) -> None:
    run = manage(
        tmp_path,
        *("check", "--deploy", "--fail-level", "WARNING"),
        check=False,
        BASE_URL="https://leftoff.example.org",
    )
    assert run.returncode == 0, run.stderr
    assert "no issues" in run.stdout


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"DATABASE_URL": "postgres://sessions_runtime:x@127.0.0.1:1/sessions"}, "SECRET_KEY is not set"),
        ({"BASE_URL": "leftoff.example.org"}, "BASE_URL must be an address"),
    ],
)
def test_a_start_that_would_be_insecure_is_refused(
    tmp_path: Path, variables: dict[str, str], said: str
) -> None:
    """It says what to set, and makes no files."""
    run = manage(tmp_path / "data", "check", check=False, **variables)
    assert run.returncode != 0
    assert said in run.stderr
    assert not (tmp_path / "data").exists()


def test_keys_are_long_and_kept_beside_the_data(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        secret_key("", tmp_path, may_make=False)
    with pytest.raises(ImproperlyConfigured, match="too short"):
        secret_key("x" * (SHORTEST_KEY_CHARACTERS - 1), tmp_path, may_make=True)
    made = secret_key("", tmp_path, may_make=True)
    assert len(made) >= SHORTEST_KEY_CHARACTERS
    assert secret_key("", tmp_path, may_make=True) == made
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("url", "owner_url", "said"),
    [
        ("", "postgres://sessions_owner:x@h/d", "set both or neither"),
        ("sqlite:///x.db", "", "no other database is supported"),
        ("mysql://u:p@h/d", "", "no other database is supported"),
    ],
)
def test_only_postgresql_is_a_database(tmp_path: Path, url: str, owner_url: str, said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        database_settings(url, owner_url, tmp_path, pool_max_connections=0)


@pytest.mark.parametrize(
    ("url", "replica_url", "said"),
    [
        ("", "postgres://sessions_runtime:x@h2/d", "of which it is a replica"),
        ("postgres://sessions_runtime:x@h/d", "postgres://postgres:x@h2/d", "as the same role"),
    ],
)
def test_a_replica_is_read_by_the_role_that_policies_bind(
    tmp_path: Path, url: str, replica_url: str, said: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        database_settings(url, "", tmp_path, pool_max_connections=0, replica_url=replica_url)
