"""House rules that a machine can check, beside the layers of pyproject.toml."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import NoReverseMatch, get_resolver, reverse

from sessions_app.panels import PANELS

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "sessions_app"
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())

# Rooms that know nothing of requests and pages.
WITHOUT_HTTP = ("services", "digest", "jobs", "ledger.py", "models", "insights", "importers", "db", "panels")
HTTP_MODULES = (
    "django.http",
    "django.template",
    "django.views",
    "django.shortcuts",
    "django.contrib.messages",
)
HTTP_ALLOWED = {
    # A page that is not there is a 404 by Django's own exception: the panels raise it.
    ("panels/item_page.py", "django.http"),
    ("panels/item_page.py", "django.http.Http404"),
    # Where panels are kept as they are drawn; pages and pushes ask there.
    *(
        (f"panels/{name}.py", module)
        for name in ("shared", "frame")
        for module in ("django.template.loader", "django.template.loader.render_to_string")
    ),
}

# Everybody else speaks to the database through Django.
PSYCOPG_ROOMS = ("migrations", "db", "embedded", "services")
PSYCOPG_ALLOWED = {
    # Reads the two database addresses, and words a refusal to create roles.
    "management/database.py",
    # Databases as a whole, which Django knows nothing of.
    "management/backup/addresses.py",
    "management/backup/databases.py",
    "management/backup/dumping.py",
    "management/backup/inventory.py",
    # LISTEN holds a connection of its own, outside Django's.
    "live/layer.py",
}


def imports_of(path: Path) -> Iterator[str]:
    """The modules a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def modules(room: str = "") -> list[Path]:
    place = APP / room
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def within(module: str, parents: tuple[str, ...]) -> bool:
    return any(module == parent or module.startswith(f"{parent}.") for parent in parents)


@pytest.mark.parametrize("room", WITHOUT_HTTP)
def test_only_doors_know_requests_and_pages(room: str) -> None:
    """A verb is called from a page, the API, a command and an agent alike."""
    assert modules(room)
    found = {
        (str(path.relative_to(APP)), module)
        for path in modules(room)
        for module in imports_of(path)
        if within(module, HTTP_MODULES)
    }
    assert found <= HTTP_ALLOWED


def test_psycopg_is_spoken_in_few_rooms() -> None:
    found = {
        str(path.relative_to(APP))
        for path in modules()
        if path.relative_to(APP).parts[0] not in PSYCOPG_ROOMS
        for module in imports_of(path)
        if within(module, ("psycopg", "psycopg_pool"))
    }
    assert found == PSYCOPG_ALLOWED


def test_every_room_is_on_the_map() -> None:
    """A newcomer finds each folder and module of the app in docs/architecture.md."""
    rooms = [f"{path.parent.name}/" for path in APP.glob("*/__init__.py")]
    rooms += [path.name for path in APP.glob("*.py") if path.name != "__init__.py"]
    told = (ROOT / "docs" / "architecture.md").read_text().partition("\n## Rooms\n")[2].partition("\n## ")[0]
    assert [room for room in rooms if f" {room}" not in told] == []


def test_raw_sql_stays_below_the_doors() -> None:
    """Pages and panels find rows by QuerySets and named statements; /readyz only asks whether it answers."""
    for path in (*modules("panels"), *modules("views")):
        text = path.read_text(encoding="utf-8")
        assert "cursor.execute" not in text or path.name == "health.py", path
        assert ".raw(" not in text, path
        assert ".extra(" not in text, path


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_escapes_and_holds_no_script_or_style(path: Path) -> None:
    """What people type is text everywhere, and the content policy needs no exception."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe(seq)?\b", text)
    if path.suffix != ".txt":
        # A plain text mail is not HTML; a page always escapes.
        assert not re.search(r"{%-?\s*autoescape\s+off", text)
    tags = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", text, flags=re.DOTALL)
    assert not re.search(r"<script(?![^>]*\ssrc=)", tags, re.IGNORECASE)
    # A mail has no other way to carry its looks, and no policy of ours where it is read.
    assert path.name == "mail.html" or not re.search(r"<style\b", tags, re.IGNORECASE)
    for tag in re.findall(r"<[a-z][^>]*>", tags, re.IGNORECASE | re.DOTALL):
        outside = re.sub(r"\"[^\"]*\"|'[^']*'", '""', tag)
        assert not re.search(r"\sstyle\s*=|\son[a-z]+\s*=", outside, re.IGNORECASE), tag
    assert not re.search(r"(?:href|src|action)\s*=\s*[\"']?\s*javascript:", tags, re.IGNORECASE)
    assert not re.search(r"hx-on[:=]|hx-vars|hx-vals\s*=\s*[\"']js:", tags)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_address_that_a_template_names_exists(path: Path) -> None:
    names = re.findall(r"{%-?\s*url\s+([\"'])(.+?)\1", path.read_text(encoding="utf-8"))
    for _quote, name in names:
        *spaces, last = name.split(":")
        resolver = get_resolver()
        for space in spaces:
            resolver = resolver.namespace_dict[space][1]
        if not resolver.reverse_dict.getlist(last):
            with pytest.raises(NoReverseMatch):
                reverse(name)
            pytest.fail(f"there is no address named {name}")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_form_that_posts_carries_its_token(path: Path) -> None:
    """Without it the verb would be refused, and only without JavaScript."""
    text = path.read_text(encoding="utf-8")
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL):
        head = form.partition(">")[0]
        if re.search(r"method\s*=\s*[\"']?post", head, re.IGNORECASE):
            assert "{% csrf_token %}" in form, head


def test_what_htmx_posts_a_plain_form_posts_too() -> None:
    """Every verb works without JavaScript: hx-post stands beside an action, never instead of it."""
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        for tag in re.findall(r"<[a-z][^<>]*\shx-(?:post|get|put|patch|delete)=[^<>]*>", text):
            assert re.search(r"\s(?:action|formaction|href)=", tag), (path, tag)
            assert not re.search(r"\shx-(?:put|patch|delete)=", tag), (path, tag)


def test_every_panel_is_a_partial_that_can_be_swapped() -> None:
    for name, panel in PANELS.items():
        assert f"panels/_{name}.html" == panel.TEMPLATE
        text = (ROOT / "templates" / panel.TEMPLATE).read_text(encoding="utf-8")
        assert f'id="{name}"' in text
        assert "hx-swap-oob" in text
