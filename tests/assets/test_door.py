"""Static files as browsers and CDNs get them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from config.cdn import cdn_origin
from sessions_app.assets import door, files
from sessions_app.assets.storage import HashedFiles
from sessions_app.templatetags.leftoff import integrity
from tests.assets.asking import ask
from tests.running import ROOT

HTMX = ROOT / "static/vendor/htmx.min.js"
FOR_EVER = "public, max-age=31536000, immutable"


def test_under_its_hashed_name_a_file_is_kept_for_ever() -> None:
    for name in ("css/all.css", "js/project.js", "vendor/htmx.min.js", "img/caret.svg", "admin/css/base.css"):
        address = static(name)
        assert address != f"/static/{name}"
        answer = ask(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, FOR_EVER)
        assert answer.headers["X-Request-ID"]


def test_under_its_own_name_for_a_minute() -> None:
    answer = ask("/static/vendor/htmx.min.js")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.content == HTMX.read_bytes()
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_page_of_another_release_gets_what_there_is_and_nobody_keeps_it() -> None:
    answer = ask("/static/vendor/htmx.min.0123456789ab.js")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.content == HTMX.read_bytes()


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip, br;q=0", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("br; q=0.0, identity", ""),
        ("deflate", ""),
        ("", ""),
    ],
)
def test_it_comes_in_the_best_coding_that_was_asked_for(accepted: str, coding: str) -> None:
    answer = ask("/static/vendor/htmx.min.js", accept_encoding=accepted)
    assert answer.headers.get("Content-Encoding", "") == coding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    unpacked = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[coding](answer.content)
    assert unpacked == HTMX.read_bytes()


def test_what_is_packed_already_stays_as_it_is() -> None:
    picture = next(name for name in files._paths() if name.endswith(".png"))
    answer = ask(f"/static/{picture}", accept_encoding="br, gzip")
    assert "Content-Encoding" not in answer.headers
    assert answer.content.startswith(b"\x89PNG")


def test_a_file_that_is_known_is_not_sent_again() -> None:
    first = ask("/static/js/app.js", accept_encoding="br")
    again = ask("/static/js/app.js", accept_encoding="br", if_none_match=f'W/"x", {first.headers["ETag"]}')
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = ask("/static/js/app.js", if_none_match=first.headers["ETag"])
    assert other.status_code == 200


def test_by_head_there_is_no_body() -> None:
    answer = ask("/static/js/app.js", "HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0


def test_a_large_file_is_sent_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PIECE_BYTES", 1000)
    assert ask("/static/vendor/htmx.min.js").content == HTMX.read_bytes()


def test_with_debug_a_file_is_read_anew(settings: Any) -> None:
    settings.DEBUG = True
    assert static("js/project.js") == "/static/js/project.js"
    answer = ask("/static/js/project.js")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content == (ROOT / "static/js/project.js").read_bytes()


# --- from a CDN ---------------------------------------------------------------------------------


@pytest.fixture
def cdn(settings: Any) -> Iterator[None]:
    settings.STATIC_CDN_URL = "https://cdn.example.org"
    door._of_every_file.cache_clear()
    yield
    door._of_every_file.cache_clear()


@pytest.mark.usefixtures("cdn")
def test_a_cdn_may_hand_it_to_our_pages_which_check_it(settings: Any) -> None:
    answer = ask("/static/js/app.js")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == settings.BASE_URL
    assert integrity("js/app.js").startswith(' integrity="sha384-')
    assert integrity("js/app.js").endswith('" crossorigin="anonymous"')


def test_without_one_pages_say_nothing_of_it() -> None:
    assert integrity("js/app.js") == ""


def test_only_an_address_by_https_is_a_cdn() -> None:
    assert cdn_origin("") == ""
    assert cdn_origin("https://cdn.example.org:8443/leftoff") == "https://cdn.example.org:8443"
    for bad in (
        "cdn.example.org",
        "http://cdn.example.org",
        "https://",
        "https://a@b.example",
        "https://b/?x=1",
    ):
        with pytest.raises(ImproperlyConfigured):
            cdn_origin(bad)


def test_collecting_writes_hashed_names_and_both_codings(tmp_path: Path, settings: Any) -> None:
    storage = HashedFiles(location=str(tmp_path), base_url="https://cdn.example.org/static/")
    done = list(storage.post_process({"js/app.js": None, "none.js": None}))
    asset = files.find("js/app.js")
    assert asset
    assert done == [("js/app.js", asset.hashed_name, True)]
    assert (tmp_path / asset.hashed_name).read_bytes() == asset.content
    assert brotli.decompress((tmp_path / f"{asset.hashed_name}.br").read_bytes()) == asset.content
    assert gzip.decompress((tmp_path / f"{asset.hashed_name}.gz").read_bytes()) == asset.content
    assert storage.url("js/app.js") == f"https://cdn.example.org/static/{asset.hashed_name}"
    assert list(storage.post_process({"js/app.js": None})) == []
