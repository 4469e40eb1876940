"""Everything that ever runs by the clock. The worker that comes first does it, the others see it done.

Minute, hour, day, month, weekday, and where there is a sixth: second. Times are UTC.
"""

from __future__ import annotations

from procrastinate.contrib.django import app

from sessions_app.jobs import agents, mail
from sessions_app.jobs.analytics import check_analytics
from sessions_app.jobs.digests import send_digests
from sessions_app.jobs.finished import forget_finished
from sessions_app.jobs.pruning import prune
from sessions_app.jobs.rollups import fill_rollups
from sessions_app.jobs.stalled import retry_stalled
from sessions_app.jobs.upkeep import upkeep
from sessions_app.jobs.webhooks import send_webhooks, wake

TIMETABLE = (
    # Idle sessions, deadlines, wake-ups and snoozes end; the partitions of the months to come are made.
    ("* * * * *", upkeep),
    # What happened is rolled up for the insights page.
    ("* * * * *", fill_rollups),
    # Whatever waits for a webhook and was not sent at its moment.
    ("* * * * *", send_webhooks),
    # What people said and the in-house agents did not hear at its moment.
    ("* * * * *", agents.listen),
    # Digests leave at 8 in the morning, wherever it is.
    ("0 * * * *", send_digests),
    # Projects that moved are looked over for gaps, each every six hours at most.
    ("*/10 * * * *", agents.seek_gaps),
    # Old analytics that nothing told the digester of.
    ("23 * * * *", check_analytics),
    # Jobs whose worker died are tried again.
    ("* * * * * */20", retry_stalled),
    # Failed jobs are forgotten after two weeks.
    ("17 4 * * *", forget_finished),
    # Old intake, deliveries of webhooks, sign-ins that are over, tickets nobody used, old idempotency keys,
    # figures over time.
    ("37 4 * * *", prune),
)
# What is done when somebody asks for it, not by the clock.
ON_DEMAND = (mail.deliver, wake, agents.clarify, agents.listen_by_model)

for _when, _job in TIMETABLE:
    app.periodic(cron=_when)(_job)
