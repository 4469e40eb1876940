"""When an exploring item stands still, and when one that does parks itself."""

from __future__ import annotations

from datetime import datetime, timedelta

# Two weeks without a word: by then nobody has it in mind.
STILL_DAYS = 14
# Between the warning and the parking, however long the item has stood still by then.
WARNING_DAYS = 7
# What an owner may choose: after how many days.
PARK_DAYS = (30, 60, 90)


def still_for(changed_at: datetime, now: datetime) -> int | None:
    """For how many days nothing moved; None while that is not worth a word."""
    days = (now - changed_at).days
    return days if days >= STILL_DAYS else None


def parks_at(changed_at: datetime, warned_at: datetime | None, park_days: int | None) -> datetime | None:
    """When an item parks itself; None while it was not warned of, or where none does (`park_days`)."""
    if warned_at is None or park_days is None:
        return None
    return max(changed_at + timedelta(days=park_days), warned_at + timedelta(days=WARNING_DAYS))
