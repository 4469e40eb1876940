"""When the events of a story happen: relative to now, and never backwards."""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo

ZONE = zoneinfo.ZoneInfo("Europe/Stockholm")

# How far apart the events of one sitting are: uneven, as with people, and never near an idle session.
_MINUTES_APART = (3, 6, 2, 5, 4, 8, 2, 7)

# How soon somebody who arrives does the first thing: some at once, some read for a while.
_SECONDS_TO_THE_FIRST = (35, 80, 20, 150, 55, 240, 45, 110, 25, 400)

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
        self._firsts = itertools.cycle(_SECONDS_TO_THE_FIRST)
        self._is_soon = False
        # The day that the story has got to, counted back from today; None: it is told by `ago`.
        self.day: int | None = None

    def on_day(self, days: int, at: str) -> None:
        """The next event is so many days before today, at "hh:mm" by the clock on Ann's wall."""
        assert days >= _FIRST_CALENDAR_DAY, "nearer days are told by ago()"
        self.day = days
        day = self.now.astimezone(ZONE).date() - dt.timedelta(days=days)
        self._set(dt.datetime.combine(day, dt.time.fromisoformat(at), ZONE))

    def ago(self, *, days: int = 0, hours: float = 0) -> None:
        """The next event is so long before now."""
        self.day = None
        self._set(self.now - dt.timedelta(days=days, hours=hours))

    def soon(self) -> None:
        """The event after the one just told comes sooner than usual: somebody has arrived."""
        self._is_soon = True

    def next(self) -> dt.datetime:
        """The moment of the next event, later than any before and earlier than now."""
        if not self._is_set:
            self.latest += self._gap()
        self._is_set = self._is_soon = False
        assert self.latest < self.now, "the story runs ahead of the present"
        return self.latest

    def pass_by(self, length: dt.timedelta) -> None:
        """So long goes by without an event."""
        self.latest += length

    def _gap(self) -> dt.timedelta:
        if self._is_soon:
            return dt.timedelta(seconds=next(self._firsts))
        return dt.timedelta(minutes=next(self._gaps), seconds=17)

    def _set(self, moment: dt.datetime) -> None:
        assert self.latest < moment < self.now, f"{moment} is not the story's next moment"
        self.latest, self._is_set = moment.astimezone(dt.UTC), True
