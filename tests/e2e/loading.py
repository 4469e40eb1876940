"""How a page loads, as Chromium itself counts it: bytes, what holds up the first paint, and the vitals."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

# A phone on a slow line, as Lighthouse has it: 1.6 Mbit/s, 150 ms there and back, a quarter of the speed.
SLOW_LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER_BY = 4
PHONE = {"width": 390, "height": 844}
# So long after its load a page may still shift, or block whoever touches it.
SETTLED_MS = 3_000

_OBSERVE = """
window.vitals = { lcp: 0, cls: 0, tbt: 0 };
const observe = (type, note) =>
  new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
observe("largest-contentful-paint", (each) => { vitals.lcp = each.startTime });
observe("layout-shift", (each) => { if (!each.hadRecentInput) vitals.cls += each.value });
observe("longtask", (each) => { vitals.tbt += Math.max(0, each.duration - 50) });
"""

_BLOCKING = """
() => [...performance.getEntriesByType("resource")]
  .filter((each) => each.renderBlockingStatus === "blocking").map((each) => each.name)
"""


@dataclass(frozen=True)
class Vitals:
    """Milliseconds to the largest paint, how far things shifted, milliseconds in which nothing was heard."""

    lcp: float
    cls: float
    tbt: float


def first_load(page: Page, path: str) -> dict[str, int]:
    """Load a page with nothing kept from before: the bytes on the wire, with headers, of each address."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    devtools.on(
        "Network.responseReceived",
        lambda said: addresses.update({said["requestId"]: said["response"]["url"]}),
    )
    devtools.on(
        "Network.loadingFinished", lambda said: sizes.update({said["requestId"]: said["encodedDataLength"]})
    )
    page.goto(path)
    page.wait_for_load_state("networkidle")
    devtools.detach()
    return {addresses[request]: int(size) for request, size in sizes.items() if request in addresses}


def blocking(page: Page) -> list[str]:
    """The addresses that this page's first paint had to wait for."""
    return list(page.evaluate(_BLOCKING))


def vitals(page: Page, path: str) -> Vitals:
    """Load a page anew on a slow phone with a slow line."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    devtools.send("Network.emulateNetworkConditions", SLOW_LINE)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_BY})
    page.add_init_script(_OBSERVE)
    page.goto(path, wait_until="load")
    page.wait_for_timeout(SETTLED_MS)
    return Vitals(**page.evaluate("vitals"))
