"""Everything that ever runs by the clock. The worker that comes first does it, the others see it done.

Minute, hour, day, month, weekday, and where there is a sixth: second. Times are UTC.
"""

from __future__ import annotations

from procrastinate.contrib.django import app

from sessions_app.jobs import mail
from sessions_app.jobs.finished import forget_finished
from sessions_app.jobs.stalled import retry_stalled
from sessions_app.jobs.upkeep import upkeep

TIMETABLE = (
    # Idle sessions, deadlines, wake-ups and snoozes end.
    ("* * * * *", upkeep),
    # Jobs whose worker died are tried again.
    ("* * * * * */20", retry_stalled),
    # Failed jobs are forgotten after two weeks.
    ("17 4 * * *", forget_finished),
)
# What is done when somebody asks for it, not by the clock.
ON_DEMAND = (mail.deliver,)

for _when, _job in TIMETABLE:
    app.periodic(cron=_when)(_job)
