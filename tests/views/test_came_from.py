"""Where a browser says that it comes from leads nowhere but to our own pages."""

from __future__ import annotations

import pytest

from sessions_app.views.came_from import own_path
from tests.conftest import Cast
from tests.views.conftest import HTMX, browse


def test_a_page_of_ours_is_named_by_its_path_and_query() -> None:
    assert own_path("http://here.example/projects/?x=1#there", "here.example") == "/projects/?x=1"


ELSEWHERE = (
    "",
    "nonsense",
    "http://evil.example/",
    "http://here.example.evil.example/",
    "http://here.example:81/",
    "http://ann@here.example/",
    "http://here.example//evil.example/",
    "//evil.example/",
    # No address at all: Python raises for it.
    "http://[",
    "http://[v1.x]y/",
)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_anything_else_is_nowhere(cast: Cast, address: str) -> None:
    assert own_path(address, "here.example") == ""
    browser = browse()
    missing = browser.get("/nothing/", headers={"referer": address})
    assert (missing.status_code, "evil.example" in missing.text) == (404, False)
    signed_out = browser.get("/", headers=HTMX | {"hx-current-url": address})
    assert (signed_out.status_code, signed_out.headers["HX-Redirect"]) == (401, "/account/login/?next=/")
