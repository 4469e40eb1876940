"""When the events of a story happen: relative to now, and never backwards."""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo

ZONE = zoneinfo.ZoneInfo("Europe/Stockholm")

# How far apart the events of one sitting are: uneven, as with people, and never near an idle session.
_MINUTES_APART = (3, 6, 2, 5, 4, 8, 2, 7)

# Days nearer than this are told by `ago`: told by the calendar too, the two could cross.
_FIRST_CALENDAR_DAY = 4


class Moments:
    """The clock of one story.

    `on_day` and `ago` say when the next sitting begins; every event after it comes some minutes
    after the one before.
    """

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.latest = now - dt.timedelta(days=365)
        self._is_set = True
        self._gaps = itertools.cycle(_MINUTES_APART)

    def on_day(self, days: int, at: str) -> None:
        """The next event is so many days before today, at "hh:mm" by the clock on Ann's wall."""
        assert days >= _FIRST_CALENDAR_DAY, "nearer days are told by ago()"
        day = self.now.astimezone(ZONE).date() - dt.timedelta(days=days)
        self._set(dt.datetime.combine(day, dt.time.fromisoformat(at), ZONE))

    def ago(self, *, days: int = 0, hours: float = 0) -> None:
        """The next event is so long before now."""
        self._set(self.now - dt.timedelta(days=days, hours=hours))

    def next(self) -> dt.datetime:
        """The moment of the next event, later than any before and earlier than now."""
        if not self._is_set:
            self.latest += dt.timedelta(minutes=next(self._gaps), seconds=17)
        self._is_set = False
        assert self.latest < self.now, "the story runs ahead of the present"
        return self.latest

    def _set(self, moment: dt.datetime) -> None:
        assert self.latest < moment < self.now, f"{moment} is not the story's next moment"
        self.latest, self._is_set = moment.astimezone(dt.UTC), True
