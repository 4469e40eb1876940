"""Take the pictures of docs/tour.md: every page, wide and on a phone, in the light and in the dark.

    python -m tests.e2e.tour                      # the demo, into docs/img/tour
    python -m tests.e2e.tour --source PATH …      # a source to import instead, one after the other
                     [--out FOLDER] [--only NAME …]

Each picture is one sheet of four. The pages of the demo are found by following links, as
test_every_page does; what only comes with an act (a dialog, a search) is said below.
"""

from __future__ import annotations

import argparse
import base64
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

import django
from playwright.sync_api import Browser, Page, sync_playwright

from tests import running
from tests.e2e.doing import LIBRARY, crawled
from tests.e2e.launch import CHROMIUM, FLAGS, PASSWORD, sign_in

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SHEET = """<!doctype html><style>
body {{ margin: 0; padding: 24px; background: #8d8a84; display: grid; gap: 24px;
  grid-template-columns: 640px 195px; width: max-content }}
img {{ display: block; border-radius: 6px }} .wide {{ width: 640px }} .phone {{ width: 195px }}
</style>{images}"""


@dataclass(frozen=True)
class Stop:
    """One picture: whose page, where, and what is done there first."""

    name: str
    path: str
    act: Callable[[Page], object] = lambda _page: None
    # Nobody is signed in when empty.
    who: str = "ann"


# What no link leads to, in the library project: below its address.
ACTS = (
    Stop("search-results", "search/?q=opening"),
    Stop("keys", "", lambda page: page.keyboard.press("?")),
    Stop("not-there", "items/00000000-0000-4000-8000-000000000000/"),
    Stop("palette", "", lambda page: page.keyboard.press("Control+k")),
)
# Before anybody signs in.
OUTSIDE = (
    Stop("sign-in", "/account/login/", who=""),
    Stop("password-reset", "/account/password/reset/", who=""),
)
# For staff alone, and last: by then there are figures of what was asked before.
STAFF = (
    Stop("operations", "/operations/", who="root"),
    Stop("admin", "/admin/", who="root"),
    Stop("admin-list", "/admin/sessions_app/session/", who="root"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", action="append", default=[], help="a source to import into a project")
    parser.add_argument("--out", type=Path, default=running.ROOT / "docs" / "img" / "tour")
    parser.add_argument("--only", nargs="+", default=[], help="the names of the pictures to take")
    options = parser.parse_args()
    # For the names of addresses; the product runs in processes of its own.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    options.out.mkdir(parents=True, exist_ok=True)
    with _site(options.source) as (base, title), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for stop in chain(OUTSIDE, _found(browser, base, title), STAFF):
            if not options.only or stop.name in options.only:
                _take(browser, base, stop, options.out)
        browser.close()


@contextmanager
def _site(sources: list[str]):
    """The demo's address and the title of the project to show, with the sources imported in turn."""
    with tempfile.TemporaryDirectory(prefix="leftoff-tour-") as folder:
        Path(folder).chmod(0o755)
        data_dir = Path(folder) / "data"
        with running.serving(data_dir, "demo") as base:
            running.manage(
                *(
                    data_dir,
                    "createsuperuser",
                    "--noinput",
                    "--email=root@example.org",
                    "--display_name=Root",
                ),
                DJANGO_SUPERUSER_PASSWORD=PASSWORD,
            )
            for number, source in enumerate(sources):
                if number:
                    _visit_and_leave(base, "Imported")
                running.manage(
                    data_dir,
                    *("import_project", source, "--project", "Imported", "--owner", "ann@example.org"),
                    "--skip-bad",
                )
            yield base, "Imported" if sources else LIBRARY


def _visit_and_leave(base: str, title: str) -> None:
    """Ann looks at a project and ends her session, so that the next import is news to her."""
    browser = running.Browser(base)
    browser.sign_in("ann@example.org", "come back soon")
    _, page, _ = browser.get("/")
    path = page.split(f">{title}<")[0].rpartition('href="')[2].partition('"')[0]
    browser.get(path)
    status, _, _ = browser.post(f"{path}session/end/", {})
    assert status == 302, status


def _found(browser: Browser, base: str, title: str) -> Iterator[Stop]:
    """The first page of each address, and the acts."""
    context = browser.new_context(base_url=base, viewport=WIDE)
    page = context.new_page()
    sign_in(page, "ann")
    page.get_by_role("link", name=title).first.click()
    page.wait_for_url("**/projects/*/")
    home = urlsplit(page.url).path
    for name, path, _answer in crawled(page, [home, "/"], home=home):
        yield Stop(name.replace("_", "-"), path)
    context.close()
    yield from (Stop(stop.name, home + stop.path, stop.act) for stop in ACTS)


def _take(browser: Browser, base: str, stop: Stop, out: Path) -> None:
    """One sheet: the page wide and on a phone, light and dark."""
    images = []
    for scheme in ("light", "dark"):
        for kind, size in (("wide", WIDE), ("phone", PHONE)):
            context = browser.new_context(
                base_url=base, viewport=size, color_scheme=scheme, reduced_motion="reduce"
            )
            page = context.new_page()
            if stop.who:
                sign_in(page, stop.who)
            page.goto(stop.path)
            # Icons, sockets, what is fetched late.
            page.wait_for_load_state("networkidle")
            stop.act(page)
            page.wait_for_timeout(300)
            picture = base64.b64encode(page.screenshot()).decode()
            images.append(f'<img class="{kind}" src="data:image/png;base64,{picture}">')
            context.close()
    sheet = browser.new_page(viewport={"width": 907, "height": 600})
    sheet.set_content(SHEET.format(images="".join(images)))
    sheet.screenshot(path=out / f"{stop.name}.jpg", type="jpeg", quality=72, full_page=True)
    sheet.close()


if __name__ == "__main__":
    main()
