"""Tests of the web server import Twisted by themselves: its reactor is chosen before."""

import sessions_app.management.web  # noqa: F401
