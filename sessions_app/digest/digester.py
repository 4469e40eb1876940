"""The digester: what the intake took in becomes sessions, questions, blockers and analytics.

The intake's row is the job. A project with waiting rows, or with analytics that are old, is claimed by a
lease, folded in short transactions, and released; so a process that dies at any moment loses nothing, and
no row counts twice.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from sessions_app.db import queries
from sessions_app.db.retry import retrying
from sessions_app.db.trouble import log_trouble
from sessions_app.digest.claims import Claim, LeaseLost, claim, leave
from sessions_app.digest.fold import fold_reports
from sessions_app.digest.together import BATCH_ROWS, MOST_CLAIMED, fold_together
from sessions_app.services import analytics
from sessions_app.services.errors import NotFound
from sessions_app.services.tracking import fold_tracked

logger = logging.getLogger(__name__)


def digest_waiting(only: Sequence[UUID] | None = None) -> int:
    """Digest all that waits, in this thread; returns how many rows were folded.

    `only` narrows it to some projects. What another digester has at the moment is left to it.
    """
    folded = 0
    while claims := claim(MOST_CLAIMED, only):
        by_themselves: list[Claim] = []
        folded += fold_together(claims, by_themselves.append)
        if by_themselves:
            # Each is claimed again when its turn comes: by then its lease might be over.
            leave(by_themselves)
        for each in by_themselves:
            folded += sum(map(digest_claimed, claim(1, [each.project_id])))
    return folded


def digest_claimed(mine: Claim) -> int:
    """Digest one claimed project and release it; returns how many rows were folded.

    A failure is logged and the project tried again later: nothing of it is lost.
    """
    folded = 0
    try:
        while batch := _fold_tracked_batch(mine):
            folded += batch
        folded += fold_reports(mine)
        _refresh_analytics(mine)
        mine.release()
    except LeaseLost:
        logger.warning("another digester has project %s by now", mine.project_id)
    except Exception as error:
        log_trouble(logger, error, "project %s cannot be digested now", mine.project_id)
        _give_back(mine, error)
    return folded


def _give_back(mine: Claim, error: Exception) -> None:
    try:
        mine.back_off(error)
    except Exception as trouble:
        # Its lease ends by itself.
        log_trouble(logger, trouble, "project %s cannot be given back now", mine.project_id)


@retrying
def _fold_tracked_batch(mine: Claim) -> int:
    with mine.transaction():
        return fold_tracked([mine.project_id], most=BATCH_ROWS)


def _refresh_analytics(mine: Claim) -> None:
    """Bring the rows of members with an active session up to date; others' are when they come."""
    with mine.transaction():
        rows = queries.rows("stale_analytics", {"project": mine.project_id})
    for row in rows:
        _refresh_one(mine, row["user_id"])


@retrying
def _refresh_one(mine: Claim, user_id: UUID) -> None:
    with mine.transaction():
        try:
            analytics.get_summary(user_id, mine.project_id)
        except NotFound:
            logger.info("a member left project %s meanwhile", mine.project_id)
