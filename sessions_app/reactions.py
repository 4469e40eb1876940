"""The switchboard: what follows what. Registered once, when the app is ready."""

from __future__ import annotations

from sessions_app.jobs.digest_reports import digest_reports
from sessions_app.services import agents


def connect() -> None:
    """An agent's report is digested right after its commit, in the process that took it in.

    What is lost with a process that dies at that moment, the upkeep job digests within a minute.
    """
    agents.on_report(lambda project_id: _ignore(digest_reports(project_id)))


def _ignore(_folded: int) -> None:
    return None
