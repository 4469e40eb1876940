"""Since which version of its project each panel has stood as it does: what it follows did not happen since.

Each process keeps what it saw last of a project and reads what happened after it, so that a message draws
the chat anew and not the items. What a page is pushed rests on the same (`FOLLOWS`); relative times and the
like are told by the other parts of a panel's key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sessions_app.db.commits import after_commit
from sessions_app.kept import Kept
from sessions_app.models import Activity
from sessions_app.panels import PANELS, following
from sessions_app.panels.viewing import Viewing

# Of so many projects it is known.
MOST_PROJECTS = 2_000
# To draw all panels anew costs less than to read more facts than these.
MOST_FACTS = 200


@dataclass(frozen=True)
class _Seen:
    version: int
    # By the panel's name.
    since: Mapping[str, int]


_last: Kept[_Seen] = Kept(MOST_PROJECTS)


def stands_since(view: Viewing, *, is_committed: bool = True) -> Mapping[str, int]:
    """By each panel's name the version, at most the view's, since which nothing that it follows happened.

    The view's own where that is not known. Without `is_committed` the transaction that sees it has changed
    the project: what it did counts, and is noted for others once that is committed.
    """
    place, version = (view.project_id, view.epoch), view.summary.version
    last = _last.get(place)
    if last and last.version == version:
        return last.since
    since = _moved_on(view, last) if last and last.version < version else dict.fromkeys(PANELS, version)
    seen = _Seen(version, since)
    if is_committed:
        _note(place, seen)
    else:
        after_commit(_note, place, seen)
    return since


def _note(place: tuple[UUID, str], seen: _Seen) -> None:
    last = _last.get(place)
    if last is None or last.version < seen.version:
        _last.put(place, seen)


class Happened(Protocol):
    """A row of the ledger, as far as it is followed."""

    @property
    def version(self) -> int: ...

    @property
    def kind(self) -> str: ...


def follow(place: tuple[UUID, str], after: int, version: int, facts: Iterable[Happened] | None) -> None:
    """Spare the next to ask a reading: these are all facts after `after` until `version`, or None.

    `place` is the project and the database's epoch.
    """
    last = _last.get(place)
    if facts is not None and last and after <= last.version < version:
        newer = [(fact.version, fact.kind) for fact in facts if fact.version > last.version]
        _last.put(place, _Seen(version, _moved_by(newer, last, version)))


def _moved_on(view: Viewing, last: _Seen) -> Mapping[str, int]:
    """What `last` has come to by what happened after it."""
    version = view.summary.version
    facts = Activity.objects.filter(
        project_id=view.project_id, version__gt=last.version, version__lte=version
    ).values_list("version", "kind")[: MOST_FACTS + 1]
    return _moved_by(facts, last, version)


def _moved_by(facts: Collection[tuple[int, str]], last: _Seen, version: int) -> Mapping[str, int]:
    kinds = defaultdict(set)
    for at, kind in facts:
        kinds[at].add(kind)
    # A version without a fact, or facts that are not all here: nobody knows what changed.
    if len(facts) > MOST_FACTS or len(kinds) < version - last.version:
        return dict.fromkeys(PANELS, version)
    moved = {name: at for at in sorted(kinds) for name in following(kinds[at])}
    return {**last.since, **moved}
