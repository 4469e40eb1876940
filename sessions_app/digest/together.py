"""Tracked input of many projects is folded together: a batch of all of them is one transaction."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from django.db import connection

from sessions_app.db.retry import LOCK_NOT_AVAILABLE, retrying, sqlstate
from sessions_app.db.trouble import log_trouble
from sessions_app.digest.claims import Claim, leave, transaction_of
from sessions_app.services.tracking import fold_tracked, share_of_each

logger = logging.getLogger(__name__)

# To find work costs as much for one project as for many. Their turns are over long before their leases.
MOST_CLAIMED = 1_000
# When they cannot be digested together, each of them is digested by itself.
MOST_TOGETHER = 250
# One transaction's share: its members' pages wait for it when they begin or end a session.
BATCH_ROWS = 8_000
# Who holds a row of one project for longer makes the members of all these wait no more than so long.
LOCK_MILLISECONDS = 200
# For so long those whose row somebody has are looked for: where a whole table is locked it is all of them.
HALVES_SECONDS = 3.0
# After so long others have their turn.
TURN_SECONDS = 0.5
# Until input whose people are just beginning or ending a session is looked at again.
PAUSE_SECONDS = 0.1


def fold_together(claims: Sequence[Claim], hand_on: Callable[[Claim], None]) -> int:
    """Fold what waits in these projects, of one call of `claim`; returns how many rows.

    A project that is done is released. `hand_on` is told each that has more to do than its input, or that
    had trouble before: it is digested by itself. What is left after TURN_SECONDS is given back for later.
    """
    return sum(
        _fold_group(claims[first : first + MOST_TOGETHER], hand_on, time.monotonic() + HALVES_SECONDS)
        for first in range(0, len(claims), MOST_TOGETHER)
    )


def _fold_group(claims: Sequence[Claim], hand_on: Callable[[Claim], None], halves_until: float) -> int:
    together = [each for each in claims if each.tries == 1]
    for each in claims:
        if each.tries > 1:
            hand_on(each)
    folded, rows, over_at = 0, 1, time.monotonic() + TURN_SECONDS
    try:
        while together and rows and time.monotonic() < over_at:
            rows, together, others = _fold_batch(together)
            folded += rows
            for each in others:
                hand_on(each)
        if together:
            # Without rows: what waits is just now in another transaction's hands.
            leave(together, 0 if rows else PAUSE_SECONDS)
    except Exception as error:
        is_locked = sqlstate(error) == LOCK_NOT_AVAILABLE
        if is_locked and len(together) > 1 and time.monotonic() < halves_until:
            # Somebody has a row of one of them, and none of the others should wait for that.
            middle = len(together) // 2
            return folded + sum(
                _fold_group(half, hand_on, halves_until) for half in (together[:middle], together[middle:])
            )
        log_trouble(logger, error, "projects cannot be digested together now")
        for each in together:
            hand_on(replace(each, is_suspect=True))
    return folded


@retrying
def _fold_batch(claims: Sequence[Claim]) -> tuple[int, list[Claim], list[Claim]]:
    """One batch: how many rows, the projects with more of them, and those with something else left to do."""
    with transaction_of(claims, LOCK_MILLISECONDS) as held:
        if not held:
            return 0, [], []
        projects = [each.project_id for each in held]
        rows = fold_tracked(projects, most=BATCH_ROWS)
        if rows >= len(projects) * share_of_each(BATCH_ROWS, len(projects)):
            # Each gave its whole share: what is left there is asked once that is no longer so.
            return rows, held, []
        with connection.cursor() as cursor:
            cursor.execute(
                "select project_id, has_input from release_digested(%s, %s)", [held[0].lease, projects]
            )
            has_input = dict(cursor.fetchall())
    left = [each for each in held if each.project_id in has_input]
    more = [each for each in left if has_input[each.project_id]]
    return rows, more, [each for each in left if not has_input[each.project_id]]
