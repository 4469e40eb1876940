"""What open pages hold of their panels: noted once for all that hold the same."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from weakref import WeakValueDictionary

from sessions_app.live.place import Version


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel as a page holds it: as of which version, and what its pieces show."""

    version: Version
    marks: frozenset[bytes]

    def at_least(self, version: Version) -> Panel:
        """The same where nothing that the panel follows happened until this version.

        The page may have been sent it again by the answer to an act of its own.
        """
        return replace(self, version=max(self.version, version))


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Holding:
    """What a page holds, by panel; of one room's there are no two of the same (`Holdings`)."""

    panels: Mapping[str, Panel] = field(default_factory=dict)


# Of a page that may hold anything, and of one that holds what it was loaded with.
UNKNOWN, AS_LOADED = Holding(), Holding()


class Holdings:
    """Those of one room's pages, for as long as a page holds them."""

    def __init__(self) -> None:
        self._kept: WeakValueDictionary[Hashable, Holding] = WeakValueDictionary()

    def of(self, panels: Mapping[str, Panel]) -> Holding:
        """The one of these panels."""
        key = frozenset(panels.items())
        holding = self._kept.get(key)
        if holding is None:
            holding = self._kept[key] = Holding(panels)
        return holding
