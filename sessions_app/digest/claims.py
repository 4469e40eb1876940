"""Who digests which project: leases on the database's clock."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from sessions_app.db.retry import retrying
from sessions_app.db.rls import acting_as_system

# Whoever died gives its projects back by then. A transaction may take longer: it holds the lease's row.
LEASE_SECONDS = 8
# After a failure a project waits 2, 4, 8 … seconds before it is tried again.
LONGEST_PAUSE_SECONDS = 60
_FOR_SECONDS = "leased_until = clock_timestamp() + make_interval(secs => %s)"


class LeaseLost(Exception):
    """The lease was over and another digester has the project: what this one did is undone."""


@dataclass(frozen=True)
class Claim:
    """One project that this digester has, until it releases it or the lease is over."""

    project_id: UUID
    lease: UUID
    # Claims since the last one that was released; above one, the digesters before this one failed.
    tries: int
    # It failed together with others, and which of them was to blame is not known.
    is_suspect: bool = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction as the system for the project, which also renews the lease.

        The lease's row stays locked, so nobody can take the project over in the middle of it. Raises
        LeaseLost when somebody has already.
        """
        with transaction_of([self]) as held:
            if not held:
                raise LeaseLost
            yield

    def release(self) -> None:
        """Give the project back, all done."""
        with acting_as_system([self.project_id]):
            # Since when it is free: whoever waits for longer comes first.
            self._update("lease = null, leased_until = clock_timestamp(), tries = 0, failure = ''")

    def back_off(self, error: BaseException) -> None:
        """Give the project back after a failure: it is tried again after a while."""
        pause = min(2**self.tries, LONGEST_PAUSE_SECONDS)
        with acting_as_system([self.project_id]):
            self._update(
                f"{_FOR_SECONDS}, failure = %s",
                pause,
                type(error).__name__[:100],
            )

    def _update(self, change: str, *values: str | int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                f"update project_digests set {change} where project_id = %s and lease = %s",  # noqa: S608 -- our own words
                [*values, self.project_id, self.lease],
            )
            return bool(cursor.rowcount == 1)


@contextmanager
def transaction_of(claims: Sequence[Claim], lock_milliseconds: int | None = None) -> Iterator[list[Claim]]:
    """A transaction as the system for the projects of one call of `claim`, which also renews their leases.

    Yields the claims that still hold; whoever took another project over has it. It waits for a lock as long
    as any other, or `lock_milliseconds`.
    """
    with acting_as_system(each.project_id for each in claims), connection.cursor() as cursor:
        if lock_milliseconds is not None:
            cursor.execute("select set_config('lock_timeout', %s, true)", [f"{lock_milliseconds}ms"])
        cursor.execute(
            f"update project_digests set {_FOR_SECONDS} where project_id = any(%s) and lease = %s"  # noqa: S608 -- our own words
            " returning project_id",
            [LEASE_SECONDS, [each.project_id for each in claims], claims[0].lease],
        )
        held = {project_id for (project_id,) in cursor.fetchall()}
        yield [each for each in claims if each.project_id in held]


def leave(claims: Sequence[Claim], seconds: float = 0) -> None:
    """Give projects of one call of `claim` back as they are, for after so long; below 0, as if so long ago.

    It is as if they had not been claimed, since nothing of them failed; but each suspect is digested by
    itself the next time, however often it finds no room. One whose row somebody holds is not waited for: it
    is free when its lease is over, as one whose digester died.
    """
    project_ids = [each.project_id for each in claims]
    with acting_as_system(project_ids), connection.cursor() as cursor:
        cursor.execute(
            "with held as materialized (select project_id from project_digests"
            " where project_id = any(%s) and lease = %s for no key update skip locked)"
            " update project_digests d set lease = null,"
            " tries = case when d.project_id = any(%s) then tries else tries - 1 end,"
            " leased_until = clock_timestamp() + make_interval(secs => %s)"
            " from held where d.project_id = held.project_id",
            [
                project_ids,
                claims[0].lease,
                [each.project_id for each in claims if each.is_suspect],
                seconds,
            ],
        )


def claim(most: int, only: Sequence[UUID] | None = None) -> list[Claim]:
    """Claim at most `most` projects with something to digest, of `only` these or of all.

    Whoever has been free for longest is claimed. They come in any order: where there is no room for all, it
    is not the same ones that find none.
    """
    try:
        return _claim(most, only)
    except IntegrityError:
        # A project in which something waited was deleted at this very moment; now nothing does.
        return _claim(most, only)


@retrying
def _claim(most: int, only: Sequence[UUID] | None) -> list[Claim]:
    lease = uuid.uuid4()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select project_id, tries from claim_digests(%s, %s, %s, %s::uuid[])",
            [lease, LEASE_SECONDS, most, list(only) if only is not None else None],
        )
        claims = [Claim(project_id, lease, tries) for project_id, tries in cursor.fetchall()]
    random.shuffle(claims)
    return claims
