"""The tables kept by months: whether the months to come have partitions, and nobody reaches one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sessions_app import clock
from sessions_app.db import queries
from sessions_app.management.doctor.finding import Finding, ok, problem, warning

# They are made three months ahead: one that is missing so near was not made for weeks.
AHEAD = dt.timedelta(days=32)


def look() -> Iterator[Finding]:
    """Partitions that can be reached, are missing, or take what should lie elsewhere."""
    found = [
        problem(
            f"the partition {row['name']} {row['lacks']}",
            "rows of every project can be read there, past the policies of the whole table",
            f"alter table {row['name']} enable row level security, force row level security; "
            f"revoke all on {row['name']} from {row['role']};",
        )
        for row in queries.rows("doctor_partitions", {})
    ]
    now = clock.now()
    found += [
        warning(
            f"{row['name']} has no partition for the time to come",
            "what comes then lies with what belongs nowhere, and cannot go as a whole when it is old",
            "start `manage.py worker`, or run `manage.py upkeep`: it makes those of three months",
        )
        for row in queries.rows("doctor_months", {"moments": [now, now + AHEAD]})
    ]
    found += [
        warning(
            f"{row['times']:,} rows of {row['parent']} lie in no month's partition",
            "they are deleted one by one when they are old",
            "`manage.py upkeep` moves up to 10,000 of each month; more came while no worker ran for months, "
            "or from a machine whose clock is wrong, and may stay",
        )
        for row in queries.rows("doctor_no_month", {})
    ]
    yield from found or [ok("what comes is kept by months, and the months to come are ready")]
