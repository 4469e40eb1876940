"""F: moments at the edges of the calendar, and days of 23 and 25 hours."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections import Counter

from tests.bad_values import NO_MOMENTS
from tests.faults.cases import case
from tests.faults.inputs import JSON, OWNER_MAIL, Inputs, as_json
from tests.faults.sizes import sizes
from tests.faults.verdicts import Verdicts

DAY = dt.timedelta(days=1)
ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Europe/Berlin")
# Until when an item that is parked until a day sleeps.
MORNING_HOUR = 8

# A visit over each change of the clocks; by the clock on the wall they take two hours, and none.
_VISITS = """
import datetime as dt
from sessions_app import clock
from sessions_app.db.rls import acting_as
from sessions_app.models import User
from sessions_app.services import projects, sessions
user = User.objects.get(email="{email}")
for month, day in ((3, 29), (10, 25)):
    begins = dt.datetime(2026, month, day, 0, 30, tzinfo=dt.UTC)
    with acting_as(user.id):
        for minutes in (0, 20, 40):
            with clock.at(begins + dt.timedelta(minutes=minutes)):
                sessions.start_session(user.id, "{project}", resume=True)
        with clock.at(begins + dt.timedelta(hours=1)):
            sessions.end_session(user.id, "{project}")
print("VISITED")
"""


@case("F09")
@sizes(1, 20)
def test_when_it_happened_is_kept_in_utc(inputs: Inputs, size: int, verdicts: Verdicts) -> None:
    """With any offset within the window; without one, of no calendar or outside the window it is 422."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=123456)
    offsets = [dt.timezone(dt.timedelta(hours=hours)) for hours in (-12, 0, 5.75, 14)]
    given = [(now - DAY * days).astimezone(zone) for zone in offsets for days in (0, 1, 3)] * size
    path = inputs.address("/api/projects/{project_id}/agent-activity")
    taken, ((before,),) = Counter(), inputs.product.ask("select count(*) from agent_activities")
    for moment in given:
        body = {"action": "looks", "occurredAt": moment.isoformat()}
        taken[inputs.agent.ask("POST", path, as_json(body), JSON).status] += 1
    verdicts.only("answers within the window", taken, {202})
    stored = inputs.product.ask(
        "select occurred_at from agent_activities order by received_at offset %s", before
    )
    kept = [moment.astimezone(dt.UTC) for (moment,) in stored]
    verdicts.holds("kept to the microsecond", kept == [moment.astimezone(dt.UTC) for moment in given])
    inputs.wait_until_digested()
    refused, before = Counter(), inputs.rows()
    for moment in (*NO_MOMENTS, *((now + DAY * days).isoformat() for days in (3, -31))):
        body = {"action": "looks", "occurredAt": moment}
        answer = inputs.agent.ask("POST", path, as_json(body), JSON)
        refused[answer.status, *answer.fields()] += 1
    verdicts.only("answers outside it", refused, {(422, "occurredAt")})
    verdicts.holds("rows as before", inputs.rows() == before)


@case("F09")
@sizes(1, 1)
def test_an_hour_is_an_hour_over_a_change_of_the_clocks(
    inputs: Inputs, size: int, verdicts: Verdicts
) -> None:
    """A visit of an hour took an hour, whatever the clock on the wall showed at its ends."""
    live_in(inputs, "Europe/Berlin")
    project = inputs.call("/projects", {"title": "Over the change"}).data()["id"]
    script = _VISITS.format(email=OWNER_MAIL, project=project)
    done = inputs.product.manage("shell", "-c", script)
    assert "VISITED" in done.stdout, done.stdout + done.stderr
    page = inputs.page.ask("GET", f"/projects/{project}/sessions/").text
    shown = re.findall(r"· (\d+ minutes?)<", page)
    verdicts.only("a visit of an hour is shown as", shown, {"60 minutes"})
    seconds = inputs.product.ask(
        "select extract(epoch from session_end - session_start)::int from user_sessions"
        " where project_id::text = %s and not is_active",
        project,
    )
    verdicts.only("seconds they took", [row[0] for row in seconds], {3600})


@case("F09")
@sizes(ZONES[:2], ZONES)
def test_a_day_is_the_persons_own(inputs: Inputs, size: tuple[str, ...], verdicts: Verdicts) -> None:
    """Parked until a day of 23 or 25 hours: awake at its morning. Yesterday is theirs, too."""
    item, year = inputs.ids["item_id"], dt.datetime.now(dt.UTC).year + 1
    path = inputs.address("/projects/{project_id}/items/{item_id}/park/")
    days = [last_sunday(year, 3), last_sunday(year, 10)]
    woken, expected, refused = [], [], Counter()
    for name in size:
        zone = zoneinfo.ZoneInfo(name)
        live_in(inputs, name)
        today = dt.datetime.now(zone).date()
        for day in (*days, today + DAY):
            assert inputs.post(path, wake_on=day.isoformat()) == 302
            ((wake_at,),) = inputs.product.ask("select wake_at from items where id::text = %s", item)
            woken.append(wake_at.astimezone(dt.UTC))
            expected.append(dt.datetime.combine(day, dt.time(MORNING_HOUR), zone).astimezone(dt.UTC))
        refused[inputs.post(path, wake_on=(today - DAY).isoformat())] += 1
    verdicts.holds("awake at the morning of the person's own day", woken == expected, len(woken))
    verdicts.only("answers to their yesterday", refused, {422})


def last_sunday(year: int, month: int) -> dt.date:
    """When the clocks change in Europe."""
    last = dt.date(year, month, 31)
    return last - dt.timedelta(days=(last.weekday() + 1) % 7)


def live_in(inputs: Inputs, zone: str) -> None:
    """Choose a time zone, as the profile's form does."""
    assert inputs.post("/profile/", display_name="Olga", time_zone=zone) == 302
