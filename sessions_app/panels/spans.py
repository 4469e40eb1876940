"""The spans of time that what changed is told by, as ranges of the project's version."""

from __future__ import annotations

from sessions_app.panels.viewing import Summary

# A range that holds nothing: there was no such session.
_NOTHING = (0, -1)


def bounds(summary: Summary, span: str) -> tuple[int, int | None]:
    """The versions of a span: after the first one, up to and with the second (None: to now).

    "all" is what "decided since last" counts; "last", "away" and "now" are the three parts of its split.
    "since" is after the end of the last session. "new" is after the person said that they are caught
    up, or the same as "since" when they never did. Where there was no session yet, everything is new.
    """
    after, until = summary.last_end_version, summary.session_start_version
    match span:
        case "new":
            return summary.news_base or 0, None
        case "since":
            return after or 0, None
        case "all":
            return summary.last_start_version or 0, None
        case "last":
            return (summary.last_start_version or 0, after) if after is not None else _NOTHING
        case "away":
            return after or 0, until
        case "now":
            return (until, None) if until is not None else _NOTHING
    raise ValueError(f"no span: {span}")
