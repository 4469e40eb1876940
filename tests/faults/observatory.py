"""What Mozilla's HTTP Observatory would give a page, by its published rubric.

The modifiers are those of its source (mdn/mdn-http-observatory, src/grader/charts.js): a site begins with
100, loses for what is missing, and wins for what is strict once it has 90 without that. Left out is what
cannot be seen from a page itself: being in the browsers' list of preloaded sites, and a certificate.
"""

from __future__ import annotations

from tests.faults.answers import Answer

BEGINNING, ENOUGH_FOR_EXTRAS = 100, 90
SIX_MONTHS_SECONDS = 15_768_000
PRIVATE_REFERRERS = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


def score(page: Answer, redirect: Answer, home: str) -> int:
    """The score of a page and of what plain http answers, which should lead to `home`, an https address."""
    modifiers = (
        _policy(directives(page)),
        _cookies(page.headers.get("set-cookie", [])),
        -50 if page["access-control-allow-credentials"] else 0,
        0 if redirect.status in (301, 308) and redirect["location"].startswith(home) else -20,
        5 if page["referrer-policy"] in PRIVATE_REFERRERS else 0,
        _strict_transport(page["strict-transport-security"]),
        # Scripts from elsewhere would need a hash; the policy allows none.
        0,
        0 if page["x-content-type-options"] == "nosniff" else -5,
        _frames(page),
        10 if page["cross-origin-resource-policy"] in ("same-origin", "same-site") else 0,
    )
    base = BEGINNING + sum(modifier for modifier in modifiers if modifier < 0)
    extras = sum(modifier for modifier in modifiers if modifier > 0)
    return max(base, 0) + (extras if base >= ENOUGH_FOR_EXTRAS else 0)


def directives(page: Answer) -> dict[str, list[str]]:
    """A page's policy: each directive with its sources."""
    parts = [part.split() for part in page["content-security-policy"].split(";")]
    return {name: sources for name, *sources in filter(None, parts)}


def _policy(policy: dict[str, list[str]]) -> int:
    if not policy:
        return -25
    scripts = policy.get("script-src", policy.get("default-src", ["*"]))
    objects = policy.get("object-src", policy.get("default-src", ["*"]))
    if {"'unsafe-inline'", "data:", "https:", "http:", "*"} & {*scripts, *objects}:
        return -20
    if "'unsafe-eval'" in scripts:
        return -10
    if {"'unsafe-inline'", "data:", "https:", "*"} & set(policy.get("style-src", [])):
        return 0
    closed = policy.get("form-action") in (["'self'"], ["'none'"])
    return 10 if policy.get("default-src") == ["'none'"] and closed else 5


def _cookies(cookies: list[str]) -> int:
    flags = [{flag.strip().lower() for flag in cookie.split(";")[1:]} for cookie in cookies]
    if not flags:
        return 0
    if not all("secure" in each for each in flags):
        return -40
    if not all("httponly" in each for each in flags):
        return -30
    return 5 if all({"samesite=lax", "samesite=strict"} & each for each in flags) else -20


def _strict_transport(header: str) -> int:
    ages = [int(part.partition("=")[2]) for part in header.split("; ") if part.startswith("max-age=")]
    if not ages:
        return -20
    return 0 if ages[0] >= SIX_MONTHS_SECONDS else -10


def _frames(page: Answer) -> int:
    if "frame-ancestors" in directives(page):
        return 5
    return 0 if page["x-frame-options"] in ("DENY", "SAMEORIGIN") else -20
