"""Tests of the web server import parts of it: asyncio's reactor is chosen before Twisted chooses another."""

import daphne.server  # noqa: F401
