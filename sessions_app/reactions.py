"""The switchboard: what follows what. Registered once, when the app is ready."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.signals import user_logged_out

from sessions_app import ledger
from sessions_app.digest.wakeups import wakeups
from sessions_app.jobs import agents, webhooks
from sessions_app.ledger import Committed, Outgoing, Said, Told, Waiting
from sessions_app.live.hints import WORK, hints
from sessions_app.models import User
from sessions_app.services import sign_ins


def connect() -> None:
    """After a commit every process hears of it: pages are shown it, digesters look for work.

    What is lost with a process that dies at that moment, both find by looking themselves. And whoever signs
    out in a browser is signed out everywhere: their programs too.
    """
    ledger.on_commit(_told)
    user_logged_out.connect(_signed_out, dispatch_uid="programs sign out with their person")


def work_here() -> None:
    """Let the digester of this process be woken by what any process commits."""
    hints.subscribe(_wake_digester)


def _told(told: Told) -> None:
    match told:
        case Committed(project_id, version):
            hints.send(project_id, version or 0)
        case Waiting(project_id, is_shown):
            hints.send(project_id, 0 if is_shown else WORK)
        case Outgoing():
            webhooks.send_soon()
        case Said():
            agents.listen_soon()


def _signed_out(user: User | None, **_signal: object) -> None:
    # None: the browser's sign-in was over already.
    if user is not None:
        sign_ins.end_all(user.id)


def _wake_digester(project_id: UUID | None, _version: int) -> None:
    wakeups.add(project_id)
