"""What axe finds on a page; in one place, because it is the dearest thing that the browser tests do."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# Only what is wrong is told in detail and leaves the browser: what is right is some megabytes a page.
_RUN = """async ([where, options]) => (await axe.run(where || document, options)).violations.map(
    ({id, nodes}) => `${id} at ${nodes[0].target}`
)"""


def violations(page: Page, where: str = "", *, rules: tuple[str, ...] = WCAG) -> list[str]:
    """The rules that a page breaks, each with the first place where.

    Args:
        page: the page as it stands.
        where: a selector, to look at a part of it only.
        rules: axe's rules or groups of them.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    options = {"runOnly": list(rules), "resultTypes": ["violations"]}
    return page.evaluate(_RUN, [where, options])
