"""How Chromium is started, and how a person of the demo signs in."""

from __future__ import annotations

import os
import re
import shutil

from playwright.sync_api import Page

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
# Chromium hears the last such flag only, so Playwright's own are here (its chromiumSwitches). Beside them:
# the address bar's two pages, which each window of ours would load, for half a second of a processor.
NOT_WANTED = (
    *("AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync"),
    *("DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay"),
    *("MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch"),
    *("TcpPortRandomizationWin", "ThirdPartyStoragePartitioning"),
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
)
# The browser looks for nothing outside this machine.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(NOT_WANTED)}",
]
PASSWORD = "come back soon"
# A busy machine of two cores; a page that is this late is broken.
PATIENCE_MS = 15_000
# The list of projects. As a glob it would be "**/", which the address of every page fits.
HOME = re.compile(r"^\w+://[^/]+/$")


def sign_in(page: Page, who: str) -> None:
    """Sign one of the demo's people in, by the form."""
    page.goto("/account/login/")
    page.fill("[name=login]", f"{who}@example.org")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(HOME)
