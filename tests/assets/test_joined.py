"""Scripts and styles with what they import, as one file."""

from __future__ import annotations

import pytest

from sessions_app.assets.files import find
from sessions_app.assets.joined import joined
from tests.running import ROOT

MODULES = {
    "js/page.js": 'import "./first.js"\nimport {\n  b,\n  a as one,\n} from "./shared.js"\n\none(b)\n',
    "js/first.js": '// Said first.\n\nimport { a } from "./shared.js"\na("first")\n',
    "js/shared.js": "const said = []\nexport function a(word) {}\nexport class b {}\n"
    "export async function c() {}\n",
}
STATIC = ROOT / "static"
OURS = sorted(path.relative_to(STATIC).as_posix() for path in [*STATIC.rglob("*.js"), *STATIC.rglob("*.css")])


def test_modules_run_in_order_and_once_each_with_names_of_its_own() -> None:
    assert joined("js/page.js", MODULES.__getitem__) == (
        "const $js_shared_js = (() => {\n"
        "const said = []\nfunction a(word) {}\nclass b {}\nasync function c() {}\n"
        "\nreturn { a, b, c }\n})()\n"
        "const $js_first_js = (() => {\n"
        '// Said first.\n\nconst { a } = $js_shared_js\na("first")\n'
        "\nreturn {  }\n})()\n"
        "const $js_page_js = (() => {\n"
        "const {\n  b,\n  a: one,\n} = $js_shared_js\n\none(b)\n"
        "\nreturn {  }\n})()\n"
    )


def test_styles_stand_where_they_were_imported() -> None:
    sheets = {"css/all.css": '/* all */\n@import "./a.css";\n@import "./b/c.css";\n', "css/a.css": "a{}\n"}
    sheets["css/b/c.css"] = "c{}\n"
    assert joined("css/all.css", sheets.__getitem__) == "/* all */\na{}\nc{}\n"


def test_what_imports_nothing_is_left_as_it_is() -> None:
    assert joined("js/shared.js", MODULES.__getitem__) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('import "./page.js"\n', "js/page.js imports js/page.js: a circle"),
        ('import "./first.js"\nexport const x = 1\n', "cannot be joined: export const x = 1"),
        ('import "./first.js"\nimport x from "./shared.js"\n', "cannot be joined: import x from"),
    ],
)
def test_what_cannot_be_joined_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        joined("js/page.js", (MODULES | {"js/page.js": text}).__getitem__)


@pytest.mark.parametrize("name", OURS)
def test_each_of_ours_can_be_joined(name: str) -> None:
    asset = find(name)
    assert asset
    assert b"\n@import" not in asset.content
    assert b"\nimport " not in asset.content


def test_every_style_is_in_the_one_that_pages_have() -> None:
    """A new style sheet that nobody named would be missing without a word."""
    whole = find("css/all.css")
    assert whole
    apart = {"css/all.css", "css/admin.css"}
    missing = [
        name
        for name in OURS
        if name.endswith(".css") and name not in apart and (STATIC / name).read_bytes() not in whole.content
    ]
    assert missing == []
