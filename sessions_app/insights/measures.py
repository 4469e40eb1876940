"""What is measured of sessions, and by what rules; the database computes it (functions/rollups_v1.sql).

A *session* belongs to the moment it began, however long it lasted, and is measured once it is over:

* span: from its start to its end.
* active: the part of it in which something was done. An act is its start, something the person's page told
  (the intake), or something they did (the ledger). Each counts until the next one or the session's end, at
  most ACT_COUNTS. So active is never more than span.
* gap: from the end of this person's session before it in the project to its start; none for the first.
* lag: from its start to the first thing they did (the ledger); none where they did nothing.
* items decided: how many different items they decided in it, whatever became of them.

What a person did in a session is told by the project's versions at its start and end, not by clocks. All are
whole seconds, rounded down.

A *question's wait* is from where it was asked to its answer. A *decision's life* is told in
insights/stability.py.
"""

from __future__ import annotations

import datetime as dt

ACT_COUNTS = dt.timedelta(minutes=5)
