"""A browser that notes when something appears on a page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, async_playwright

from tests.e2e.launch import CHROMIUM, FLAGS

# Notes when a text appears, by the clock that Python's time.time() reads too.
WATCH = """
window.seen = {};
new MutationObserver((changes) => {
  for (const {target, addedNodes} of changes) for (const node of [target, ...addedNodes])
    for (const text of node.textContent.matchAll(/mark-[0-9]+/g))
      window.seen[text[0]] ??= performance.timeOrigin + performance.now();
}).observe(document.body, {subtree: true, childList: true, characterData: true});
"""
# When it did, in ms; waits until then.
SEEN = """
text => new Promise(tell => {
  const look = () => window.seen[text] ? tell(window.seen[text]) : setTimeout(look, 5);
  look();
})
"""
# Shows what a bare hub at this port says, and answers it.
LISTEN = """
port => new Promise(tell => {
  window.socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  socket.onopen = tell;
  socket.onmessage = ({data}) => {
    const {version, mark} = JSON.parse(data);
    document.body.textContent = mark;
    socket.send(JSON.stringify({since: version}));
  };
})
"""


@asynccontextmanager
async def chromium() -> AsyncIterator[Page]:
    """An empty page of it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield await browser.new_page()
        await browser.close()
